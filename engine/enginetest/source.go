package enginetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// Source is an [engine.Source] that has one relay in memory. Like the real one it delivers an event again after an
// error, goes on where a stream was left, and calls what was there before the stream's first start its backlog.
// The zero value is ready to use.
type Source struct {
	// Delay is how long Fetch takes.
	Delay time.Duration

	mu      sync.Mutex
	events  []nostr.Event
	streams map[string]*sourceStream
	queries []engine.Query
	fetched []nostr.Filter
	news    chan struct{}
	down    error
}

type sourceStream struct {
	backlog int
	handled map[string]bool
}

var _ engine.Source = (*Source)(nil)

// Relay is the address that a Source delivers from.
const Relay = "wss://relay.example.com"

// Add stores an event and hands it to who is waiting for it.
func (s *Source) Add(events ...nostr.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, events...)
	if s.news != nil {
		close(s.news)
		s.news = nil
	}
}

// Break makes Fetch fail with err from now on; nil mends it.
func (s *Source) Break(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = err
}

// Queries returns the standing wishes so far.
func (s *Source) Queries() []engine.Query {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.queries)
}

// Fetched returns the filters of the calls of Fetch so far.
func (s *Source) Fetched() []nostr.Filter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.fetched)
}

// Subscribe implements [engine.Source].
func (s *Source) Subscribe(
	ctx context.Context, q engine.Query, deliver func(context.Context, engine.Received) error,
) (wait func(), err error) {
	if len(q.Relays) == 0 || len(q.Filters) == 0 || q.Concurrency < 1 || q.Stream == "" {
		return nil, errors.New("enginetest: a query needs a stream, relays, filters and a concurrency")
	}
	s.mu.Lock()
	s.queries = append(s.queries, q)
	if s.streams == nil {
		s.streams = make(map[string]*sourceStream)
	}
	if s.streams[q.Stream] == nil {
		s.streams[q.Stream] = &sourceStream{backlog: len(s.events), handled: make(map[string]bool)}
	}
	stream := s.streams[q.Stream]
	s.mu.Unlock()
	var serving sync.WaitGroup
	serving.Go(func() { s.serve(ctx, stream, q.Filters, deliver) })
	return serving.Wait, nil
}

// serve delivers to one query until ctx ends.
func (s *Source) serve(
	ctx context.Context, stream *sourceStream, filters nostr.Filters, deliver func(context.Context, engine.Received) error,
) {
	for {
		events, news := s.waiting()
		again := false
		for i, e := range events {
			if stream.handled[e.ID] || !filters.Match(&e) {
				continue
			}
			r := engine.Received{
				Event: &e, Relay: Relay, Backlog: i < stream.backlog,
				Verify: func() error { return verify(&e) },
			}
			if err := deliver(ctx, r); err == nil {
				stream.handled[e.ID] = true
			} else {
				again = true
			}
		}
		var retry <-chan time.Time
		if again {
			retry = time.After(time.Second)
		}
		select {
		case <-ctx.Done():
			return
		case <-news:
		case <-retry:
		}
	}
}

func (s *Source) waiting() ([]nostr.Event, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.news == nil {
		s.news = make(chan struct{})
	}
	return slices.Clone(s.events), s.news
}

func verify(e *nostr.Event) error {
	if ok, err := e.CheckSignature(); err != nil || !ok {
		return errors.New("bad signature")
	}
	return nil
}

// Fetch implements [engine.Source].
func (s *Source) Fetch(ctx context.Context, _ []string, filter nostr.Filter) ([]nostr.Event, error) {
	if s.Delay > 0 {
		select {
		case <-ctx.Done():
		case <-time.After(s.Delay):
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fetched = append(s.fetched, filter)
	if s.down != nil {
		return nil, s.down
	}
	if ctx.Err() != nil {
		return nil, nil
	}
	var found []nostr.Event
	for _, e := range s.events {
		if filter.Matches(&e) {
			found = append(found, e)
		}
	}
	slices.SortStableFunc(found, func(a, b nostr.Event) int { return int(b.CreatedAt - a.CreatedAt) })
	if filter.Limit > 0 && len(found) > filter.Limit {
		found = found[:filter.Limit]
	}
	return found, nil
}
