package sign

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"

	"rhea/engine"

	"github.com/nbd-wtf/go-nostr"
)

// nonceWidth keeps the serialized event the same length while mining, so that only the digits change.
const nonceWidth = 16

// mine adds a nonce tag so that the id starts with the given number of zero bits (NIP-13). It works on one core
// until it succeeds or ctx ends.
func mine(ctx context.Context, e *nostr.Event, difficulty int) error {
	if difficulty > 256 {
		return fmt.Errorf("proof of work of %d bits is impossible", difficulty)
	}
	target := strconv.Itoa(difficulty)
	nonce := nostr.Tag{"nonce", strings.Repeat("0", nonceWidth), target}
	e.Tags = append(e.Tags, nonce)
	// The nonce is the last tag, so with an empty content it ends right before this tail.
	bare := *e
	bare.Content = ""
	end := len(bare.Serialize()) - len(`","`+target+`"]],""]`)
	raw := e.Serialize()
	digits := raw[end-nonceWidth : end]
	for n := uint64(0); ; n++ {
		if n&0xfff == 0 && ctx.Err() != nil {
			return fmt.Errorf("proof of work of %d bits: gave up after %d tries: %w", difficulty, n, ctx.Err())
		}
		for i, v := nonceWidth-1, n; i >= 0; i, v = i-1, v/10 {
			digits[i] = byte('0' + v%10)
		}
		if sum := sha256.Sum256(raw); engine.LeadingZeros(sum[:]) >= difficulty {
			nonce[1] = string(digits)
			return nil
		}
	}
}
