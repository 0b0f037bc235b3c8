package engine

import (
	"encoding/hex"
	"math/bits"
	"strconv"

	"github.com/nbd-wtf/go-nostr"
)

// Work is the proof of work that the author of an event committed to, in leading zero bits of its id (NIP-13); 0 without a
// nonce tag or when the id falls short of the target.
func Work(e *nostr.Event) int {
	for _, tag := range e.Tags {
		if len(tag) < 3 || tag[0] != "nonce" {
			continue
		}
		target, err := strconv.Atoi(tag[2])
		if err != nil || target < 0 {
			return 0
		}
		id, err := hex.DecodeString(e.ID)
		if err != nil || LeadingZeros(id) < target {
			return 0
		}
		return target
	}
	return 0
}

// LeadingZeros counts the zero bits that a hash begins with: its proof of work (NIP-13).
func LeadingZeros(id []byte) int {
	n := 0
	for _, b := range id {
		if b != 0 {
			return n + bits.LeadingZeros8(b)
		}
		n += 8
	}
	return n
}
