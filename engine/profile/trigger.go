package profile

import (
	"context"
	"crypto/sha256"
	"errors"
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

	// maxPlaces is how many relays are asked besides those of the configuration.
	maxPlaces = 10

	lookDeadline     = 15 * time.Second
	onceLookDeadline = 5 * time.Second
)

// trigger compares what the relays have with what the identity should say.
type trigger struct {
	setup   engine.Setup
	desired []desired
	// told is the obstacle that was logged last.
	told string
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
		seen := t.ask(ctx, w.kind, t.places(ctx, w))
		if err := ctx.Err(); err != nil {
			return false, err
		}
		if len(seen.missing) > 0 {
			open = true
			if n == tries {
				t.warn(w, seen)
			}
			if n < tries || len(seen.held) == 0 || w.obstacle != nil && (len(seen.silent) > 0 || t.setup.Once) {
				continue
			}
		}
		if err := t.emitChange(ctx, in, w, seen); err != nil {
			return open, err
		}
	}
	return open, nil
}

// places lists the relays to ask. For what is nobody's wish these are also those where the identity itself says that it
// writes: what a person has published may be nowhere else.
func (t *trigger) places(ctx context.Context, w desired) []string {
	relays := t.setup.Relays
	if w.obstacle == nil {
		return relays
	}
	list := t.ask(ctx, kindRelays, relays).newest()
	if list == nil {
		return relays
	}
	for _, url := range writeRelays(list.Tags) {
		same := func(known string) bool { return engine.PublicRelay(known) == url }
		if !slices.ContainsFunc(relays, same) && len(relays) < len(t.setup.Relays)+maxPlaces {
			relays = append(slices.Clone(relays), url)
		}
	}
	return relays
}

// ask asks relays what they have.
func (t *trigger) ask(ctx context.Context, kind int, relays []string) look {
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
	for _, relay := range relays {
		asking.Go(func() {
			found, err := source.Fetch(ctx, []string{relay}, nostr.Filter{
				Kinds: []int{kind}, Authors: []string{t.setup.Pubkey}, Limit: 1,
			})
			mu.Lock()
			defer mu.Unlock()
			if err != nil || ctx.Err() != nil {
				seen.missing = append(seen.missing, relay)
				if _, away := errors.AsType[*engine.Unreachable](err); !away {
					seen.silent = append(seen.silent, relay)
				}
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
	switch {
	case len(seen.held) == 0:
		message = "not published: no relay says what it has"
	case w.obstacle != nil && (len(seen.silent) > 0 || t.setup.Once):
		message = "not marked as a bot: some relays do not say whether they have a profile; write one at the identity, or profile: false"
	}
	t.setup.Log.Warn(message, "kind", w.kind, "missing", strings.Join(seen.missing, " "))
}

// tell logs once why what is there is left as it is.
func (t *trigger) tell(w desired, seen look) {
	reason := ""
	if newest := seen.newest(); newest != nil {
		reason = w.obstacle(newest)
	}
	if reason != "" && reason != t.told {
		t.setup.Log.Warn("not marked as a bot: "+reason+"; nothing was changed", "event", seen.newest().ID)
	}
	t.told = reason
}

// doubtful reports that no relay has what one had before. That may pass, so nothing is written in its place before it is
// believed to be gone.
func (t *trigger) doubtful(ctx context.Context, in engine.Intake, stream string, seen look, gone string) (bool, error) {
	known, err := in.Position(ctx, stream)
	if err != nil {
		return false, err
	}
	if newest := seen.newest(); newest == nil {
		return known != "" && gone == "", nil
	} else if newest.ID != known {
		return false, in.Advance(ctx, engine.Position{Stream: stream, Value: newest.ID})
	}
	return false, nil
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
	if w.obstacle != nil {
		t.tell(w, seen)
		if doubtful, err := t.doubtful(ctx, in, stream+"/seen", seen, gone); doubtful || err != nil {
			return err
		}
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
