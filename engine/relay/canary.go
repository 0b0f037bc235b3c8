package relay

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay/wire"
)

const (
	// canaryEvery is how often a silent subscription is put to the test. It must stay below the overlap of a new
	// one, so that nothing is lost before a relay that has forgotten it is found out.
	canaryEvery = 5 * time.Minute
	// canaryGrace is how long an event may take to arrive on the subscription itself.
	canaryGrace = 5 * time.Second
)

// canaryPause is random so that the subscriptions of a link are not all tested at once.
func canaryPause() time.Duration { return canaryEvery - rand.N(time.Minute) }

// forgotten reports whether the relay has an event that the subscription should have brought and did not. Without a
// word from the relay, and without proof to the contrary, it counts as served. The legs of one that is not go back to
// the time of the last proof.
//
// Relays order what they have by created_at, so only what is dated after the last proof can be asked for: a relay that
// has forgotten a subscription and gets nothing for it but events of old dates is not found out before one of today's
// comes. Private messages are dated up to two days back by rule; of them the newest few of these days are asked for.
func (s *subscription) forgotten(ctx context.Context) bool {
	live, start := s.live.Load(), time.Now()
	if live != s.counted {
		s.counted, s.proven = live, start
		return false
	}
	var filters nostr.Filters
	for _, f := range s.filters {
		from := nostr.Timestamp(s.proven.Unix())
		f.Limit, f.LimitZero = 1, false
		if isWrapped(f) {
			from, f.Limit = nostr.Timestamp(s.proven.Add(-wrapOverlap).Unix()), maxBirds
		}
		if f.Search == "" && (f.Until == nil || *f.Until >= from) {
			if f.Since == nil || *f.Since < from {
				f.Since = &from
			}
			filters = append(filters, f)
		}
	}
	if len(filters) == 0 {
		return false
	}
	c := &canary{subscription: s, heard: make(chan struct{}, 1), done: make(chan error, 1)}
	if s.look(ctx, filters, c, c.heard, c.done) != nil || !engine.Wait(ctx, canaryGrace) {
		return false
	}
	if !slices.ContainsFunc(c.take(), func(b bird) bool { return b.isMissing() && b.copy.verify() == nil }) {
		s.proven = start
		return false
	}
	s.log.Warn("the relay has forgotten a subscription; asking again")
	s.rest()
	for _, one := range s.legs {
		l := one.leg
		l.query.mu.Lock()
		l.at.Since = min(l.at.Since, max(one.at.Since, s.proven.Unix()))
		l.query.mu.Unlock()
	}
	return true
}

// canary collects what a relay has for a subscription.
type canary struct {
	subscription *subscription
	heard        chan struct{}
	done         chan error

	mu    sync.Mutex
	birds []bird
}

// bird is an event that a query wants and has not seen.
type bird struct {
	copy  *checked
	query *query
}

const maxBirds = 32

var _ receiver = (*canary)(nil)

func (c *canary) event(g *wire.Peek) {
	poke(c.heard)
	found := c.subscription.index.find(g)
	if len(found) == 0 || isKnown(g, found) {
		return
	}
	checked, err := c.subscription.recent.read(g)
	if err != nil || checked.event.CreatedAt.Time().After(time.Now().Add(maxFuture)) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range found {
		if len(c.birds) < maxBirds && !one.isOver() && !one.isBehind() && match(one.filters, checked.event) >= 0 {
			c.birds = append(c.birds, bird{checked, one.leg.query})
		}
	}
}

func (c *canary) eose(string) { c.finish(nil) }

func (c *canary) closed(reason string) { c.finish(&refusedError{reason}) }

func (c *canary) finish(err error) {
	select {
	case c.done <- err:
	default: // The first end counts.
	}
}

func (c *canary) take() []bird {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.birds
}

// isMissing reports whether the query has neither handled the event nor holds it.
func (b bird) isMissing() bool { return !b.query.has(b.copy.key.ID) }
