package sign

import (
	"context"
	"slices"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

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
