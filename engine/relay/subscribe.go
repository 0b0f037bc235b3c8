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
	// saveEvery is how often positions are stored; a lost one means reading a little again.
	saveEvery = 5 * time.Second
	// lastSave bounds the last time, when everybody waits for the end.
	lastSave = 500 * time.Millisecond
)

// Subscribe delivers what the query asks for until ctx ends, from all its relays, whatever happens to them. It
// returns an error only when the query cannot be served at all.
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
	legs, err := n.legs(ctx, q, want, relays)
	if err != nil {
		return fmt.Errorf("query %s: %w", want.Stream, err)
	}
	var work sync.WaitGroup
	work.Go(func() { q.run(ctx) })
	for _, l := range legs {
		l.seat = n.sit(l.relay, want.Pubkey)
		work.Go(func() { l.run(ctx) })
	}
	n.keep(ctx, legs)
	work.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSave)
	defer cancel()
	for _, l := range legs {
		if err := l.save(last, n.opts.Positions); err != nil {
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

// legs makes a leg per relay and portion of the query's filters and finds where each one stands. A leg that never
// ran starts now, and stores that before it meets its relay: a relay that is down today is caught up with from here.
func (n *Network) legs(ctx context.Context, q *query, want engine.Query, relays []string) ([]*leg, error) {
	filters, now := tidy(want.Filters), time.Now()
	floor := now.Unix()
	var legs []*leg
	for _, relay := range relays {
		since := now.Unix()
		var fresh []*leg
		for i, portion := range portions(filters) {
			l := &leg{
				query:   q,
				relay:   relay,
				name:    want.Stream,
				stream:  want.Stream + "/" + relay,
				class:   classOf(portion[0]),
				filters: portion,
				maxAge:  want.MaxAge,
				asked:   make(chan struct{}, 1),
			}
			if i > 0 {
				l.stream += "#" + strconv.Itoa(i)
			}
			at, known, err := loadPlace(ctx, n.opts.Positions, l.stream, now)
			if err != nil {
				return nil, err
			}
			if known {
				l.at, l.saved = at, at
				since, floor = min(since, at.Since), min(floor, at.Floor)
			} else {
				fresh = append(fresh, l)
			}
			legs = append(legs, l)
		}
		for _, l := range fresh {
			// A portion that a longer list adds starts where the others stand on this relay.
			l.at.Since = since
		}
	}
	for _, l := range legs {
		if l.at.Floor == 0 {
			// A relay that joins later does not turn what the query has been waiting for into backlog.
			l.at.Floor = floor
		}
		if err := l.save(ctx, n.opts.Positions); err != nil {
			return nil, err
		}
	}
	return legs, nil
}

// keep stores the positions now and then until ctx ends.
func (n *Network) keep(ctx context.Context, legs []*leg) {
	failed := false
	for engine.Wait(ctx, saveEvery) {
		var errs []error
		for _, l := range legs {
			errs = append(errs, l.save(ctx, n.opts.Positions))
		}
		err := errors.Join(errs...)
		if err != nil && !failed && ctx.Err() == nil {
			n.opts.Log.Warn("positions not stored; the next try follows", "error", err)
		}
		failed = err != nil
	}
}
