package relay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"rhea/engine"
)

// Subscribe delivers the events of the query from all its relays until ctx ends. It reconnects and subscribes again as
// needed, and returns an error only when the query cannot be served at all. Nothing runs for it while nothing happens.
func (n *Network) Subscribe(
	ctx context.Context, want engine.Query, deliver func(context.Context, engine.Received) error,
) (wait func(), err error) {
	if err := n.enter(); err != nil {
		return nil, err
	}
	q := newQuery(ctx, want.Concurrency, deliver)
	q.ahead, q.unwanted = want.Ahead, want.Unwanted
	subscribers, err := n.begin(ctx, q, want)
	if err != nil {
		n.running.Done()
		return nil, fmt.Errorf("query %s: %w", want.Stream, err)
	}
	for _, sub := range subscribers {
		sub.join(n, want.Pubkey)
	}
	n.keeper.add(subscribers)
	n.keeping.Do(func() { n.running.Go(func() { n.keeper.run(n.ctx) }) })
	s := &standing{network: n, query: q, subscribers: subscribers}
	s.over.Add(1)
	n.stand(s)
	context.AfterFunc(ctx, s.end)
	return s.over.Wait, nil
}

// begin makes the subscribers of a query, until the network closes.
func (n *Network) begin(ctx context.Context, q *query, want engine.Query) ([]*subscriber, error) {
	ctx, cancel := n.within(ctx)
	defer cancel()
	return n.subscribers(ctx, q, want)
}

// standing is a query that stands until its context ends or the network closes.
type standing struct {
	network     *Network
	query       *query
	subscribers []*subscriber
	once        sync.Once
	over        sync.WaitGroup
}

// stand notes a query that ends with the network.
func (n *Network) stand(s *standing) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		go s.end()
		return
	}
	n.standing[s] = true
}

func (s *standing) end() {
	s.once.Do(func() {
		defer s.over.Done()
		defer s.network.running.Done()
		for _, sub := range s.subscribers {
			sub.leave()
		}
		s.query.end()
		s.network.keeper.remove(s.subscribers)
		s.network.mu.Lock()
		defer s.network.mu.Unlock()
		delete(s.network.standing, s)
	})
}

// normalized returns each address once in its normal form.
func normalized(addresses []string) ([]string, error) {
	var relays []string
	for _, address := range addresses {
		relay, err := Normalize(address)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(relays, relay) {
			relays = append(relays, relay)
		}
	}
	if len(relays) == 0 {
		return nil, errors.New("it has no relays")
	}
	return relays, nil
}

// subscribers makes a subscriber per relay and portion of the filters, and loads its cursor. A new subscriber starts
// now, and stores that before it connects: events that a relay gets while it is unreachable are read later.
func (n *Network) subscribers(ctx context.Context, q *query, want engine.Query) ([]*subscriber, error) {
	relays, err := normalized(want.Relays)
	switch {
	case err != nil:
		return nil, err
	case len(want.Filters) == 0:
		return nil, errors.New("it has no filters")
	case n.opts.Positions == nil:
		return nil, errors.New("the network has no place for positions")
	}
	filters, now := normalizeFilters(want.Filters), time.Now()
	floor := now.Unix()
	var subscribers []*subscriber
	for _, relay := range relays {
		since := now.Unix()
		var fresh []*subscriber
		for i, portion := range portions(filters) {
			sub := &subscriber{
				query:   q,
				relay:   relay,
				name:    want.Stream,
				stream:  want.Stream + "/" + relay,
				class:   classify(portion[0]),
				filters: portion,
				maxAge:  want.MaxAge,
			}
			if i > 0 {
				sub.stream += "#" + strconv.Itoa(i)
			}
			stored, known, err := loadCursor(ctx, n.opts.Positions, sub.stream, now)
			if err != nil {
				return nil, err
			}
			if known {
				sub.cursor, sub.savedCursor = stored, stored
				since, floor = min(since, stored.Since), min(floor, stored.Floor)
			} else {
				fresh = append(fresh, sub)
			}
			subscribers = append(subscribers, sub)
		}
		for _, sub := range fresh {
			// A portion that a longer list has added starts at the position of the others on this relay.
			sub.cursor.Since = since
		}
	}
	for _, sub := range subscribers {
		if sub.cursor.Floor == 0 {
			// With a new relay, events since the first start of the query are not backlog.
			sub.cursor.Floor = floor
		}
		if err := sub.save(ctx, n.opts.Positions); err != nil {
			return nil, err
		}
	}
	return subscribers, nil
}
