package profile

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// look is what the relays have of one kind.
type look struct {
	// held is what each relay has that answered, nil for nothing.
	held map[string]*nostr.Event
	// missing are those that did not answer.
	missing []string
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

func newestOf(events []nostr.Event) (newest *nostr.Event) {
	for i := range events {
		newest = newer(newest, &events[i])
	}
	return newest
}

// newer is the event that relays keep of two.
func newer(a, b *nostr.Event) *nostr.Event {
	if a == nil || b != nil && engine.Newer(b, a) {
		return b
	}
	return a
}

// newest is what readers who ask all these relays take for the present version.
func (l look) newest() (newest *nostr.Event) {
	for _, e := range l.held {
		newest = newer(newest, e)
	}
	return newest
}

// answered are the relays that did, in order.
func (l look) answered() []string {
	return slices.Sorted(maps.Keys(l.held))
}
