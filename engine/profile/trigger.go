package profile

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

const (
	lookDeadline = 15 * time.Second
	lookAgain    = 24 * time.Hour
	// A relay that does not answer may be the only one that has the profile: it is waited for, but not for ever.
	retryEvery = time.Minute
	patience   = 60
)

// trigger compares what the relays have with what the identity should say.
type trigger struct {
	setup  engine.Setup
	wishes []wish
}

var _ engine.Trigger = (*trigger)(nil)

// Run implements [engine.Trigger].
func (t *trigger) Run(ctx context.Context, in engine.Intake) error {
	for {
		if err := t.pass(ctx, in); err != nil || t.setup.Once {
			return unlessDone(ctx, err)
		}
		if !wait(ctx, lookAgain) {
			return nil
		}
	}
}

// pass looks at every event once, again while relays are missing.
func (t *trigger) pass(ctx context.Context, in engine.Intake) error {
	for _, w := range t.wishes {
		for try := 1; ; try++ {
			previous, missing, err := t.published(ctx, w.kind)
			enough := err == nil && (missing == 0 || previous != nil || try >= patience)
			if enough {
				if err := t.say(ctx, in, w, previous); err != nil {
					return err
				}
				break
			}
			if t.setup.Once {
				t.setup.Log.Warn("not published: some relays did not say what they have", "kind", w.kind, "missing", missing)
				break
			}
			if !wait(ctx, retryEvery) {
				return ctx.Err()
			}
		}
	}
	return nil
}

// say emits a signal when the event is to be replaced.
func (t *trigger) say(ctx context.Context, in engine.Intake, w wish, previous *nostr.Event) error {
	now := t.setup.Now()
	draft := w.draft(previous, nostr.Timestamp(now.Unix()))
	if draft == nil {
		return nil
	}
	of := "nothing"
	if previous != nil {
		of = previous.ID
	}
	sum := sha256.Sum256([]byte(fmt.Sprintf("%q %q", draft.Content, draft.Tags)))
	return in.Emit(ctx, engine.Signal{
		Key: fmt.Sprintf("kind %d, %x in the place of %s", w.kind, sum[:8], of), Time: now,
		Data: &data{draft: *draft}, Planned: true,
	})
}

// published returns the newest event of the kind that a relay has, and how many relays did not answer. It fails
// when none did.
func (t *trigger) published(ctx context.Context, kind int) (newest *nostr.Event, missing int, err error) {
	ctx, cancel := context.WithTimeout(ctx, lookDeadline)
	defer cancel()
	var mu sync.Mutex
	var asking sync.WaitGroup
	for _, relay := range t.setup.Relays {
		asking.Go(func() {
			found, err := t.setup.Source.Fetch(ctx, []string{relay}, nostr.Filter{
				Kinds: []int{kind}, Authors: []string{t.setup.Pubkey}, Limit: 1,
			})
			mu.Lock()
			defer mu.Unlock()
			if err != nil || ctx.Err() != nil {
				missing++
			}
			for i := range found {
				if newest == nil || found[i].CreatedAt > newest.CreatedAt {
					newest = &found[i]
				}
			}
		})
	}
	asking.Wait()
	if missing == len(t.setup.Relays) {
		return nil, missing, errors.New("no relay answered")
	}
	return newest, missing, nil
}

func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

func unlessDone(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
