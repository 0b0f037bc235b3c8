package profile

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

const (
	lookAgain = 24 * time.Hour
	// A relay that does not answer may be the only one that has the profile, or the newest version of it. So it is
	// waited for, but not for ever: the other relays get what they lack, and the missing one is asked with growing
	// pauses until it answers.
	patience    = 5
	retryEvery  = 30 * time.Second
	retryAtMost = time.Hour
	// A single pass has no time to lose.
	oncePatience = 3
	onceEvery    = 3 * time.Second

	// goneFor is how long no relay must have what was said for it to be said again with the same words: a relay that
	// shows nothing for a while must not make the bot overwrite what a person has written.
	goneFor = 3 * 24 * time.Hour

	lookDeadline     = 15 * time.Second
	onceLookDeadline = 5 * time.Second
)

// trigger compares what the relays have with what the identity should say.
type trigger struct {
	setup   engine.Setup
	desired []desired
}

var _ engine.Trigger = (*trigger)(nil)

// Run implements [engine.Trigger].
func (t *trigger) Run(ctx context.Context, in engine.Intake) error {
	tries, every := patience, retryEvery
	if t.setup.Once {
		tries, every = oncePatience, onceEvery
	}
	for n := 1; ; n++ {
		open, err := t.round(ctx, in, n, tries)
		if err != nil || t.setup.Once && (!open || n >= tries) {
			return engine.UnlessDone(ctx, err)
		}
		pause := every
		switch {
		case !open:
			n, pause = 0, lookAgain
		case n > tries:
			pause = min(every<<min(n-tries, 20), retryAtMost)
		}
		if !engine.Wait(ctx, pause) {
			return nil
		}
	}
}

// round looks at every event once. Open is true when relays are missing.
func (t *trigger) round(ctx context.Context, in engine.Intake, n, tries int) (open bool, err error) {
	for _, w := range t.desired {
		seen := t.ask(ctx, w.kind)
		if err := ctx.Err(); err != nil {
			return false, err
		}
		if len(seen.missing) > 0 {
			open = true
			if n == tries {
				t.warn(w, seen)
			}
			if n < tries || len(seen.held) == 0 {
				continue
			}
		}
		if err := t.emitChange(ctx, in, w, seen); err != nil {
			return open, err
		}
	}
	return open, nil
}

// ask asks all relays what they have.
func (t *trigger) ask(ctx context.Context, kind int) look {
	deadline := lookDeadline
	if t.setup.Once {
		deadline = onceLookDeadline
	}
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	seen := look{held: make(map[string]*nostr.Event)}
	source := engine.As(t.setup.Source, t.setup.Pubkey)
	var mu sync.Mutex
	var asking sync.WaitGroup
	for _, relay := range t.setup.Relays {
		asking.Go(func() {
			found, err := source.Fetch(ctx, []string{relay}, nostr.Filter{
				Kinds: []int{kind}, Authors: []string{t.setup.Pubkey}, Limit: 1,
			})
			mu.Lock()
			defer mu.Unlock()
			if err != nil || ctx.Err() != nil {
				seen.missing = append(seen.missing, relay)
				return
			}
			seen.held[relay] = newestOf(found)
		})
	}
	asking.Wait()
	slices.Sort(seen.missing)
	return seen
}

// warn logs once which relays are missing, and what is done about it.
func (t *trigger) warn(w desired, seen look) {
	message := "some relays do not say what they have; the others get what they lack, these when they answer"
	if len(seen.held) == 0 {
		message = "not published: no relay says what it has"
	}
	t.setup.Log.Warn(message, "kind", w.kind, "missing", strings.Join(seen.missing, " "))
}

// emitChange emits a signal when relays are to get another event, and remembers which ones are missing.
func (t *trigger) emitChange(ctx context.Context, in engine.Intake, w desired, seen look) error {
	stream := fmt.Sprintf("%s/%d", t.setup.Stream, w.kind)
	text, err := in.Position(ctx, stream)
	if err != nil {
		return err
	}
	now := t.setup.Now()
	gone, err := t.gone(ctx, in, stream+"/gone", seen, now)
	if err != nil {
		return err
	}
	draft, next := w.plan(seen, readPartial(text), nostr.Timestamp(now.Unix()))
	position := engine.Position{Stream: stream, Value: next.String()}
	if draft != nil {
		err := in.Emit(ctx, engine.Signal{
			Key: key(w, seen, draft, gone), Time: now, Data: &data{draft: *draft}, Planned: true, Position: &position,
		})
		if err != nil {
			return err
		}
	}
	if position.Value == text {
		return nil
	}
	return in.Advance(ctx, position)
}

// gone returns since when no relay has had anything, once that is believed; "" before.
func (t *trigger) gone(ctx context.Context, in engine.Intake, stream string, seen look, now time.Time) (string, error) {
	since, err := in.Position(ctx, stream)
	if err != nil {
		return "", err
	}
	begun, unread := time.Parse(time.RFC3339, since)
	switch {
	case seen.newest() != nil && since != "":
		return "", in.Advance(ctx, engine.Position{Stream: stream})
	case seen.newest() != nil || len(seen.missing) > 0:
		return "", nil
	case unread != nil:
		return "", in.Advance(ctx, engine.Position{Stream: stream, Value: now.UTC().Format(time.RFC3339)})
	case now.Sub(begun) < goneFor:
		return "", nil
	}
	return since, nil
}

// key is the same for the same event in the place of the same one, and for nothing since the same time.
func key(w desired, seen look, draft *engine.Draft, gone string) string {
	newest, of := seen.newest(), "nothing"
	if gone != "" {
		of = "nothing since " + gone
	}
	if newest != nil {
		of = newest.ID
		if draft.CreatedAt == newest.CreatedAt {
			return fmt.Sprintf("kind %d, %s for %s", w.kind, of, strings.Join(draft.Relays, " "))
		}
	}
	sum := sha256.Sum256([]byte(fmt.Sprintf("%q %q", draft.Content, draft.Tags)))
	return fmt.Sprintf("kind %d, %x in the place of %s", w.kind, sum[:8], of)
}
