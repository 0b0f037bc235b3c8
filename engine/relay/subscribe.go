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

const (
	// saveEvery is how often positions are stored; when one is lost, a little is read again.
	saveEvery = 5 * time.Second
	// lastSave bounds the last save, which delays the shutdown.
	lastSave = 500 * time.Millisecond
)

// Subscribe delivers the events of the query from all its relays until ctx ends. It reconnects and subscribes again as
// needed, and returns an error only when the query cannot be served at all.
func (n *Network) Subscribe(
	ctx context.Context, want engine.Query, deliver func(context.Context, engine.Received) error,
) error {
	if err := n.enter(); err != nil {
		return err
	}
	defer n.running.Done()
	ctx, cancel := n.within(ctx)
	defer cancel()
	relays, err := normalized(want.Relays)
	if err == nil && len(want.Filters) == 0 {
		err = errors.New("it has no filters")
	}
	if err == nil && n.opts.Positions == nil {
		err = errors.New("the network has no place for positions")
	}
	if err != nil {
		return fmt.Errorf("query %s: %w", want.Stream, err)
	}
	q := newQuery(want.Concurrency, deliver)
	q.ahead = want.Ahead
	subscribers, err := n.subscribers(ctx, q, want, relays)
	if err != nil {
		return fmt.Errorf("query %s: %w", want.Stream, err)
	}
	var work sync.WaitGroup
	work.Go(func() { q.run(ctx) })
	for _, sub := range subscribers {
		sub.lease = n.lease(sub.relay, want.Pubkey)
		work.Go(func() { sub.run(ctx) })
	}
	n.saveCursors(ctx, subscribers)
	work.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSave)
	defer cancel()
	for _, sub := range subscribers {
		if err := sub.save(last, n.opts.Positions); err != nil {
			n.opts.Log.Warn("position not stored; some events will be read again", "error", err)
		}
	}
	return nil
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
func (n *Network) subscribers(ctx context.Context, q *query, want engine.Query, relays []string) ([]*subscriber, error) {
	filters, now := normalizeFilters(want.Filters), time.Now()
	floor := now.Unix()
	var subscribers []*subscriber
	for _, relay := range relays {
		since := now.Unix()
		var fresh []*subscriber
		for i, portion := range portions(filters) {
			sub := &subscriber{
				query:     q,
				relay:     relay,
				name:      want.Stream,
				stream:    want.Stream + "/" + relay,
				class:     classify(portion[0]),
				filters:   portion,
				maxAge:    want.MaxAge,
				authAsked: make(chan struct{}, 1),
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

// saveCursors stores the cursors at intervals until ctx ends.
func (n *Network) saveCursors(ctx context.Context, subscribers []*subscriber) {
	failed := false
	for engine.Wait(ctx, saveEvery) {
		var errs []error
		for _, sub := range subscribers {
			errs = append(errs, sub.save(ctx, n.opts.Positions))
		}
		err := errors.Join(errs...)
		if err != nil && !failed && ctx.Err() == nil {
			n.opts.Log.Warn("positions not stored; the next try follows", "error", err)
		}
		failed = err != nil
	}
}
