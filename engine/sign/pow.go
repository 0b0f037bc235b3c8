package sign

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
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

// Redate dates an event of ours anew, with the proof of work that it had. It needs a new signature then.
func Redate(ctx context.Context, e *nostr.Event) error {
	bits := engine.Work(e)
	e.CreatedAt = nostr.Now()
	return Remine(ctx, e, bits, finishTime)
}

// Remine gives an event of ours a proof of work of so many bits, none for 0, in the place of the one that it had. It needs
// a new signature then.
func Remine(ctx context.Context, e *nostr.Event, bits int, most time.Duration) error {
	e.Tags = slices.DeleteFunc(slices.Clone(e.Tags), func(t nostr.Tag) bool { return len(t) > 0 && t[0] == "nonce" })
	if bits == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	return mine(ctx, e, bits)
}
