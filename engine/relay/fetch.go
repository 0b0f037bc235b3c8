package relay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay/wire"
)

const (
	// fetchEvents and fetchBytes bound what one lookup takes from one relay.
	fetchEvents = 5000
	fetchBytes  = 16 << 20
	// fetchDeadline bounds a relay that sends slowly.
	fetchDeadline = time.Minute
)

// Fetch asks the relays for stored events and returns those with a good signature, newest first. It waits until every
// relay has answered, refused or been silent for too long, or until ctx ends. It fails only when no relay has answered.
// A relay without a connection is waited for only during its first try to connect; its error is an *engine.Unreachable.
func (n *Network) Fetch(ctx context.Context, relays []string, filter nostr.Filter) ([]nostr.Event, error) {
	return n.fetch(ctx, n.opts.Pubkey, relays, filter)
}

// As returns the network as used by one identity: Fetch authenticates as that identity when a relay asks for it.
func (n *Network) As(pubkey string) engine.Source { return identified{n, pubkey} }

type identified struct {
	*Network
	pubkey string
}

// Fetch implements [engine.Source].
func (i identified) Fetch(ctx context.Context, relays []string, filter nostr.Filter) ([]nostr.Event, error) {
	return i.fetch(ctx, i.pubkey, relays, filter)
}

func (n *Network) fetch(ctx context.Context, as string, relays []string, filter nostr.Filter) ([]nostr.Event, error) {
	if err := n.enter(); err != nil {
		return nil, err
	}
	defer n.running.Done()
	ctx, cancel := n.within(ctx)
	defer cancel()
	ctx, expire := context.WithTimeout(ctx, fetchDeadline)
	defer expire()
	urls, err := normalized(relays)
	if err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	filters := normalizeFilters(nostr.Filters{filter})
	if len(filters) == 0 {
		return nil, nil
	}
	type result struct {
		events []*checked
		err    error
	}
	results := make([]result, len(urls))
	var asking sync.WaitGroup
	for i, url := range urls {
		asking.Go(func() { results[i].events, results[i].err = n.fetchFrom(ctx, as, url, filters[0]) })
	}
	asking.Wait()
	found := make(map[string]nostr.Event)
	var errs []error
	for i, r := range results {
		if r.err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", urls[i], r.err))
		}
		for _, c := range r.events {
			if _, known := found[c.event.ID]; !known && c.verify() == nil {
				found[c.event.ID] = *c.event
			}
		}
	}
	if len(errs) == len(urls) && len(found) == 0 {
		return nil, fmt.Errorf("fetch: no relay answered: %w", errors.Join(errs...))
	}
	events := make([]nostr.Event, 0, len(found))
	for _, e := range found {
		events = append(events, e)
	}
	slices.SortFunc(events, newestFirst)
	if filter.Limit > 0 && len(events) > filter.Limit {
		events = events[:filter.Limit]
	}
	return events, nil
}

// newestFirst orders by created_at, then by the lower id (NIP-01).
func newestFirst(a, b nostr.Event) int {
	if a.CreatedAt != b.CreatedAt {
		if a.CreatedAt > b.CreatedAt {
			return -1
		}
		return 1
	}
	return strings.Compare(a.ID, b.ID)
}

// linkNow returns the link if there is one, or waits for the first try to connect.
func (s *session) linkNow(ctx context.Context) (*link, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, connectDeadline, errors.New("the relay is not reachable"))
	defer cancel()
	return s.awaitLink(ctx, func(int, bool, time.Time) bool { return false })
}

// fetchFrom asks one relay as an identity. It may return events together with an error.
func (n *Network) fetchFrom(ctx context.Context, as, url string, filter nostr.Filter) ([]*checked, error) {
	raw, err := filter.MarshalJSON()
	if err != nil {
		return nil, err
	}
	lease := n.leaseAny(url, as)
	defer lease.release()
	for {
		l, err := lease.session.linkNow(ctx)
		if err != nil {
			return nil, &engine.Unreachable{Err: err}
		}
		before := l.answeredChallenge()
		events, err := n.collect(ctx, l, filter, raw)
		refusal, ok := errors.AsType[*refusedError](err)
		if !ok || prefix(refusal.reason) != reasonAuthRequired {
			return events, err
		}
		if lease.separate() {
			continue
		}
		if err := lease.session.authenticate(ctx, l, before); err != nil {
			return nil, err
		}
		return n.collect(ctx, l, filter, raw)
	}
}

// refusedError is a CLOSED instead of an answer.
type refusedError struct{ reason string }

func (r *refusedError) Error() string { return fmt.Sprintf("the relay refused: %q", clip(r.reason)) }

func (n *Network) collect(ctx context.Context, l *link, filter nostr.Filter, raw json.RawMessage) ([]*checked, error) {
	most := fetchEvents
	if filter.Limit > 0 {
		most = min(most, filter.Limit) // More than the limit is ignored.
	}
	c := &collector{recent: n.recent, filter: filter, limit: most, activity: make(chan struct{}, 1), done: make(chan error, 1)}
	id, err := l.subscribe(ctx, []json.RawMessage{raw}, c)
	if err != nil {
		return nil, err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeDeadline)
		defer cancel()
		_ = l.unsubscribe(ctx, id) // Best effort: the relay may be gone.
	}()
	quiet := time.NewTimer(quietDeadline)
	defer quiet.Stop()
	for {
		select {
		case err = <-c.done:
		case <-c.activity:
			quiet.Reset(quietDeadline)
			continue
		case <-quiet.C:
			err = errNoAnswer
		case <-l.ctx.Done():
			err = context.Cause(l.ctx)
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
		return c.stop(), err
	}
}

// collector collects the stored events of one look-up.
type collector struct {
	recent   *recent
	filter   nostr.Filter
	limit    int
	activity chan struct{}
	done     chan error

	mu     sync.Mutex
	events []*checked
	bytes  int
	ended  bool
}

var _ receiver = (*collector)(nil)

func (a *collector) event(peek *wire.Peek) {
	notify(a.activity)
	c, err := a.recent.read(peek)
	if err != nil || !a.filter.Matches(c.event) || c.event.CreatedAt.Time().After(time.Now().Add(maxFuture)) {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended || slices.Contains(a.events, c) {
		return
	}
	a.events = append(a.events, c)
	a.bytes += c.size
	if len(a.events) >= a.limit || a.bytes >= fetchBytes {
		a.finish(nil)
	}
}

func (c *collector) eose(string) { c.finish(nil) }

func (c *collector) closed(reason string) { c.finish(&refusedError{reason}) }

func (c *collector) finish(err error) {
	select {
	case c.done <- err:
	default: // Only the first end counts.
	}
}

// stop ends the collection and returns the events.
func (c *collector) stop() []*checked {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	return c.events
}
