package relay

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/relay/wire"
)

const (
	// cutAfter is how many stored events an answer must hold for us to suspect that a limit of the relay's has cut
	// it. The lowest limits in the field are higher.
	cutAfter = 20
	// maxPages bounds how far one catch-up goes back: with a relay's usual 500 events, 200,000 of them.
	maxPages = 400
	// pageOfAll is how many events a page asks for: relays that give less by default give as many when they are asked.
	// pageOfOne is the same for a query that has little room, and largestPage for a second that holds more.
	pageOfAll   = 500
	pageOfOne   = queueEvents / 2
	largestPage = 5000
	// pageDeadline bounds a relay that trickles while others wait for the same room.
	pageDeadline = time.Minute
)

var errPages = errors.New("the catch-up is longer than its bound")

// isPaged reports whether the answer to a filter can be read page by page: one with a limit of its own has got what it
// wants, and what a search finds has no order.
func isPaged(f nostr.Filter) bool { return f.Limit == 0 && !f.LimitZero && f.Search == "" }

// older reads what a limit of the relay's may have cut off: of an answer, of one filter or of all of them together. Every
// filter goes back by itself, from where the answer is known to reach, page by page until the relay has no more. Until
// then the position must not move.
func (s *subscription) older(ctx context.Context) error {
	if s.complete || s.events < cutAfter {
		return nil
	}
	for i, f := range s.filters {
		if !isPaged(f) {
			continue
		}
		until := nostr.Timestamp(time.Now().Add(maxFuture).Unix())
		if s.brought[i].events > 0 {
			until = s.brought[i].oldest
		}
		r := &reading{subscription: s, union: i, pages: maxPages}
		err := r.back(ctx, f, until)
		if errors.Is(err, errPages) {
			s.session.missed(tooLong)
			err = nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// reading reads one filter back in time.
type reading struct {
	subscription *subscription
	// one is the leg that reads for itself as its query has room, nil when a union of filters is read for all its legs.
	one   *served
	union int
	pages int
	// until is how far everything newer was read, and most the longest answer so far: a shorter one is not cut.
	until nostr.Timestamp
	most  int
}

// back reads what is as old as until and older, in REQs of one filter: what such an answer holds, that filter has
// brought, and the oldest of it is how far it reaches.
func (r *reading) back(ctx context.Context, f nostr.Filter, until nostr.Timestamp) error {
	for r.until = until; f.Since == nil || r.until >= *f.Since; {
		if r.one == nil && r.subscription.handOver(r.union, r.until) {
			return nil
		}
		most := r.most
		was, err := r.page(ctx, f, f.Since, r.until, r.size())
		switch {
		case err != nil:
			return err
		case was.turned == 0 && was.events < cutAfter:
			return nil
		case was.reach() < r.until:
			r.until = was.reach()
			continue
		case was.turned == 0 && was.events >= min(r.size(), max(most, cutAfter)):
			if was.turned, err = r.second(ctx, f, was.events); err != nil {
				return err
			}
		}
		if was.turned == 0 {
			r.until--
		}
	}
	return nil
}

// size is how many events a page asks for.
func (r *reading) size() int {
	if r.one != nil {
		return pageOfOne
	}
	return pageOfAll
}

// second reads a second that fills a page by asking for parts of it, or for more at once.
func (r *reading) second(ctx context.Context, f nostr.Filter, most int) (turned nostr.Timestamp, err error) {
	halves, ok := halve(f)
	if !ok {
		return r.whole(ctx, f, most)
	}
	for _, half := range halves {
		was, err := r.page(ctx, half, &r.until, r.until, max(r.size(), 2*most))
		if err == nil && was.events >= max(most, cutAfter) {
			var more nostr.Timestamp
			more, err = r.second(ctx, half, was.events)
			was.turned = max(was.turned, more)
		}
		if err != nil {
			return 0, err
		}
		turned = max(turned, was.turned)
	}
	return turned, nil
}

// whole reads a second that cannot be divided by asking for more at once. An older event proves that nothing of it was
// cut off, also one that nobody wants. A relay that refuses so much gives no proof.
func (r *reading) whole(ctx context.Context, f nostr.Filter, most int) (turned nostr.Timestamp, err error) {
	for size := 2 * most; ; size = min(2*size, largestPage) {
		was, err := r.page(ctx, f, nil, r.until, size)
		switch refusal := (*refusedError)(nil); {
		case err != nil && !errors.As(err, &refusal):
			return 0, err
		case err == nil && (was.oldest < r.until || was.events < min(size, r.most)):
			return was.turned, nil
		case err == nil && was.events >= size && size < largestPage:
			continue
		}
		second := r.until.Time().UTC().Format(time.RFC3339)
		r.subscription.session.missed(second + " holds more events than the relay gives at once")
		return was.turned, nil
	}
}

// halve divides the longest list of a filter.
func halve(f nostr.Filter) (halves [2]nostr.Filter, ok bool) {
	longest := ""
	n := 1
	for name, values := range lists(f) {
		if len(values) > n || len(values) == n && longest != "" && name < longest {
			longest, n = name, len(values)
		}
	}
	if n == 1 {
		return halves, false
	}
	for i := range halves {
		from, to := i*(n/2), n/2+i*(n-n/2)
		half := f.Clone()
		switch longest {
		case "ids":
			half.IDs = f.IDs[from:to]
		case "authors":
			half.Authors = f.Authors[from:to]
		case "kinds":
			half.Kinds = f.Kinds[from:to]
		default:
			half.Tags[longest[1:]] = f.Tags[longest[1:]][from:to]
		}
		halves[i] = half
	}
	return halves, true
}

// page is one look further back with one filter.
type page struct {
	reading *reading
	claim   claim
	// brought, turned and over belong to the reading goroutine until done.
	brought
	// turned is the date of the newest event that the leg's query had no room for, 0 for none.
	turned nostr.Timestamp
	over   bool
	heard  chan struct{}
	done   chan error
}

var (
	_ receiver = (*page)(nil)
	_ refuser  = (*page)(nil)
)

func (p *page) event(g *wire.Peek) {
	poke(p.heard)
	if p.over || !p.claim.met(g) {
		return
	}
	p.add(g.CreatedAt)
	s := p.reading.subscription
	found := s.index.find(g)
	if one := p.reading.one; one != nil {
		found = slices.DeleteFunc(found, func(other *served) bool { return other != one })
	}
	s.read(g, found, false, p)
}

// turnedAway notes how far back everything was taken: a leg that reads for itself goes on there.
func (p *page) turnedAway(one *served, filter int, e *nostr.Event) {
	if p.reading.one != nil {
		p.turned = max(p.turned, e.CreatedAt)
		return
	}
	p.reading.subscription.turnedAway(one, filter, e)
}

// reach is how far back everything was taken.
func (p *page) reach() nostr.Timestamp { return max(p.oldest, p.turned) }

func (p *page) eose(string) { p.finish(nil) }

func (p *page) closed(reason string) { p.finish(&refusedError{reason}) }

func (p *page) finish(err error) {
	p.over = true
	select {
	case p.done <- err:
	default: // The first end counts.
	}
}

// page asks for what the filter matches between two times, the newest of it.
func (r *reading) page(
	ctx context.Context, f nostr.Filter, since *nostr.Timestamp, until nostr.Timestamp, size int,
) (*page, error) {
	if r.pages--; r.pages < 0 {
		return nil, errPages
	}
	if r.one != nil {
		done, err := r.one.leg.query.reserve(ctx)
		if err != nil {
			return nil, err
		}
		defer done()
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, pageDeadline)
		defer cancel()
	}
	f.Since, f.Limit, f.LimitZero = since, size, false
	if f.Until == nil || until < *f.Until {
		f.Until = &until
	}
	p := &page{reading: r, claim: newClaim(f), heard: make(chan struct{}, 1), done: make(chan error, 1)}
	if err := r.subscription.look(ctx, nostr.Filters{f}, p, p.heard, p.done); err != nil {
		return p, err
	}
	r.most = max(r.most, p.events)
	return p, nil
}

// look asks beside the subscription and waits for the end of the answer.
func (s *subscription) look(
	ctx context.Context, filters nostr.Filters, r receiver, heard <-chan struct{}, done <-chan error,
) error {
	select {
	case s.link.spare <- struct{}{}:
		defer func() { <-s.link.spare }()
	case <-s.link.ctx.Done():
		return context.Cause(s.link.ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
	raw, err := encoded(filters)
	if err != nil {
		return err
	}
	id, err := s.link.subscribe(ctx, raw, r)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
		defer cancel()
		_ = s.link.unsubscribe(ctx, id) // A relay that cannot be told has no use for it.
	}()
	quiet := time.NewTimer(quietDeadline)
	defer quiet.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-heard:
			quiet.Reset(quietDeadline)
		case end := <-s.ended:
			s.ended <- end
			return errLost
		case <-quiet.C:
			return errNoAnswer
		case <-s.link.ctx.Done():
			return context.Cause(s.link.ctx)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
