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
	// probeEvery is how often a silent subscription is probed. It must be shorter than the overlap of a new
	// subscription, so that a forgotten one is found before events are lost.
	probeEvery = 5 * time.Minute
	// probeGrace is how long an event may take to arrive on the subscription itself.
	probeGrace = 5 * time.Second
)

// probePause is random, so that the subscriptions of a link are not all probed at once.
func probePause() time.Duration { return probeEvery - rand.N(time.Minute) }

// isForgotten reports whether the relay has an event that the subscription should have brought and did not. When the
// relay does not answer, the subscription counts as served. The members of a forgotten subscription go back to the time
// of the last proof.
//
// Relays order events by created_at, so the probe can only ask for events dated after the last proof. A forgotten
// subscription that misses only events with older dates is not found until an event of today is missing. Private
// messages may be dated up to two days back; for them the probe asks for the newest events of the last three days.
func (s *subscription) isForgotten(ctx context.Context) bool {
	live, start := s.liveEvents.Load(), time.Now()
	if live != s.probedLive {
		s.probedLive, s.provenAt = live, start
		return false
	}
	var filters nostr.Filters
	for _, f := range s.filters {
		from := nostr.Timestamp(s.provenAt.Unix())
		f.Limit, f.LimitZero = 1, false
		if isWrapped(f) {
			from, f.Limit = nostr.Timestamp(s.provenAt.Add(-wrapOverlap).Unix()), maxFindings
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
	p := &probe{subscription: s, activity: make(chan struct{}, 1), done: make(chan error, 1)}
	if s.lookUp(ctx, filters, p, p.activity, p.done) != nil || !engine.Wait(ctx, probeGrace) {
		return false
	}
	if !slices.ContainsFunc(p.results(), func(f finding) bool { return f.isMissing() && f.copy.verify() == nil }) {
		s.provenAt = start
		return false
	}
	s.log.Warn("the relay has forgotten a subscription; asking again")
	s.detach()
	for _, m := range s.members {
		sub := m.subscriber
		sub.query.mu.Lock()
		sub.cursor.Since = min(sub.cursor.Since, max(m.start.Since, s.provenAt.Unix()))
		sub.query.mu.Unlock()
	}
	return true
}

// probe collects the events that a relay has for a subscription.
type probe struct {
	subscription *subscription
	activity     chan struct{}
	done         chan error

	mu       sync.Mutex
	findings []finding
}

// finding is an event that a query wants and has not received.
type finding struct {
	copy  *checked
	query *query
}

const maxFindings = 32

var _ receiver = (*probe)(nil)

func (p *probe) event(peek *wire.Peek) {
	notify(p.activity)
	found := p.subscription.index.find(peek)
	if len(found) == 0 || isKnown(peek, found) {
		return
	}
	checked, err := p.subscription.recent.read(peek)
	if err != nil || checked.event.CreatedAt.Time().After(time.Now().Add(maxFuture)) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range found {
		if len(p.findings) < maxFindings && !m.hasLeft() && !m.hasDeferred() && match(m.filters, checked.event) >= 0 {
			p.findings = append(p.findings, finding{checked, m.subscriber.query})
		}
	}
}

func (p *probe) eose(string) { p.finish(nil) }

func (p *probe) closed(reason string) { p.finish(&refusedError{reason}) }

func (p *probe) finish(err error) {
	select {
	case p.done <- err:
	default: // Only the first end counts.
	}
}

func (p *probe) results() []finding {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.findings
}

// isMissing reports whether the query has neither handled the event nor has it in flight.
func (f finding) isMissing() bool { return !f.query.has(f.copy.key.ID) }
