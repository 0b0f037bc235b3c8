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
	// cutAfter is the size from which an answer may have been cut by a limit of the relay. The lowest limits in use are
	// higher.
	cutAfter = 20
	// maxPages bounds how far one catch-up goes back: with the usual 500 events per page, 200,000 events.
	maxPages = 400
	// pageOfAll is how many events a page asks for: relays with a low default limit give this many when asked.
	// pageOfOne is the same for a query that has little room, and largestPage for a second that holds more.
	pageOfAll   = 500
	pageOfOne   = queueEvents / 2
	largestPage = 5000
	// pageDeadline bounds a relay that sends slowly while other members wait for the same room.
	pageDeadline = time.Minute
)

var errPages = errors.New("the catch-up is longer than its bound")

// isPaged reports whether the answer to a filter can be read in pages. A filter with its own limit is complete, and the
// results of a search have no order by date.
func isPaged(f nostr.Filter) bool { return f.Limit == 0 && !f.LimitZero && f.Search == "" }

// readOlder reads what a limit of the relay may have cut off, be it a limit for one filter or for all of them together.
// It reads each filter back in pages, from the point that the answer is known to reach, until the relay has no more.
// The position must not move before that.
func (s *subscription) readOlder(ctx context.Context) error {
	if s.complete || s.events < cutAfter {
		return nil
	}
	for i, f := range s.filters {
		if !isPaged(f) {
			continue
		}
		until := nostr.Timestamp(time.Now().Add(maxFuture).Unix())
		if s.stats[i].events > 0 {
			until = s.stats[i].oldest
		}
		r := &backfill{subscription: s, filter: i, pages: maxPages}
		err := r.run(ctx, f, until)
		if errors.Is(err, errPages) {
			s.session.noteGap(catchUpBound)
			err = nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// backfill reads one filter back in time.
type backfill struct {
	subscription *subscription
	// member is set when one member reads by itself, as its query has room; nil when a merged filter is read for all
	// its members.
	member *member
	filter int
	pages  int
	// until is the date down to which everything was read, and longest the size of the longest answer so far: a shorter
	// one was not cut.
	until   nostr.Timestamp
	longest int
}

// run reads what is dated until or older, in REQs of one filter. All events of such an answer match that filter, so the
// oldest one is how far the answer reaches.
func (r *backfill) run(ctx context.Context, f nostr.Filter, until nostr.Timestamp) error {
	for r.until = until; f.Since == nil || r.until >= *f.Since; {
		if r.member == nil && r.subscription.deferAll(r.filter, r.until) {
			return nil
		}
		most := r.longest
		p, err := r.page(ctx, f, f.Since, r.until, r.pageSize())
		switch {
		case err != nil:
			return err
		case p.overflowed == 0 && p.events < cutAfter:
			return nil
		case p.reach() < r.until:
			r.until = p.reach()
			continue
		case p.overflowed == 0 && p.events >= min(r.pageSize(), max(most, cutAfter)):
			if p.overflowed, err = r.readSecond(ctx, f, p.events); err != nil {
				return err
			}
		}
		if p.overflowed == 0 {
			r.until--
		}
	}
	return nil
}

// pageSize is how many events a page asks for.
func (r *backfill) pageSize() int {
	if r.member != nil {
		return pageOfOne
	}
	return pageOfAll
}

// readSecond reads a second that fills a page. It divides the filter, or else asks for more events at once.
func (r *backfill) readSecond(ctx context.Context, f nostr.Filter, most int) (turned nostr.Timestamp, err error) {
	halves, ok := halve(f)
	if !ok {
		return r.readWholeSecond(ctx, f, most)
	}
	for _, half := range halves {
		p, err := r.page(ctx, half, &r.until, r.until, max(r.pageSize(), 2*most))
		if err == nil && p.events >= max(most, cutAfter) {
			var more nostr.Timestamp
			more, err = r.readSecond(ctx, half, p.events)
			p.overflowed = max(p.overflowed, more)
		}
		if err != nil {
			return 0, err
		}
		turned = max(turned, p.overflowed)
	}
	return turned, nil
}

// readWholeSecond reads a second whose filter cannot be divided by asking for more events at once. An older event in
// the answer proves that the second is complete. A relay that refuses so many events gives no proof.
func (r *backfill) readWholeSecond(ctx context.Context, f nostr.Filter, most int) (turned nostr.Timestamp, err error) {
	for size := 2 * most; ; size = min(2*size, largestPage) {
		p, err := r.page(ctx, f, nil, r.until, size)
		switch refusal := (*refusedError)(nil); {
		case err != nil && !errors.As(err, &refusal):
			return 0, err
		case err == nil && (p.oldest < r.until || p.events < min(size, r.longest)):
			return p.overflowed, nil
		case err == nil && p.events >= size && size < largestPage:
			continue
		}
		second := r.until.Time().UTC().Format(time.RFC3339)
		r.subscription.session.noteGap(second + " holds more events than the relay gives at once")
		return p.overflowed, nil
	}
}

// halve divides the longest list of a filter.
func halve(f nostr.Filter) (halves [2]nostr.Filter, ok bool) {
	longest := ""
	n := 1
	for _, l := range lists(f) {
		if len(l.values) > n {
			longest, n = l.name, len(l.values)
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

// page is one REQ for older events of one filter.
type page struct {
	backfill *backfill
	matcher  matcher
	// storedStats, overflowed and ended belong to the reading goroutine until done.
	storedStats
	// overflowed is the date of the newest event for which the query had no room, 0 for none.
	overflowed nostr.Timestamp
	ended      bool
	activity   chan struct{}
	done       chan error
}

var (
	_ receiver        = (*page)(nil)
	_ overflowHandler = (*page)(nil)
)

func (p *page) event(peek *wire.Peek) {
	notify(p.activity)
	if p.ended || !p.matcher.matches(peek) {
		return
	}
	p.add(peek.CreatedAt)
	s := p.backfill.subscription
	found := s.index.find(peek)
	if m := p.backfill.member; m != nil {
		found = slices.DeleteFunc(found, func(other *member) bool { return other != m })
	}
	s.offer(peek, found, false, p)
}

// overflow notes the date of an event for which the query had no room: a member that reads by itself continues there.
func (p *page) overflow(m *member, filter int, e *nostr.Event) {
	if p.backfill.member != nil {
		p.overflowed = max(p.overflowed, e.CreatedAt)
		return
	}
	p.backfill.subscription.overflow(m, filter, e)
}

// reach is the date down to which all events were taken.
func (p *page) reach() nostr.Timestamp { return max(p.oldest, p.overflowed) }

func (p *page) eose(string) { p.finish(nil) }

func (p *page) closed(reason string) { p.finish(&refusedError{reason}) }

func (p *page) finish(err error) {
	p.ended = true
	select {
	case p.done <- err:
	default: // Only the first end counts.
	}
}

// page asks for the newest events of the filter between two dates.
func (r *backfill) page(
	ctx context.Context, f nostr.Filter, since *nostr.Timestamp, until nostr.Timestamp, size int,
) (*page, error) {
	if r.pages--; r.pages < 0 {
		return nil, errPages
	}
	if r.member != nil {
		done, err := r.member.subscriber.query.reservePage(ctx)
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
	p := &page{backfill: r, matcher: newMatcher(f), activity: make(chan struct{}, 1), done: make(chan error, 1)}
	if err := r.subscription.lookUp(ctx, nostr.Filters{f}, p, p.activity, p.done); err != nil {
		return p, err
	}
	r.longest = max(r.longest, p.events)
	return p, nil
}

// lookUp sends a second REQ beside the subscription and waits for the end of the answer.
func (s *subscription) lookUp(
	ctx context.Context, filters nostr.Filters, r receiver, heard <-chan struct{}, done <-chan error,
) error {
	select {
	case s.link.lookups <- struct{}{}:
		defer func() { <-s.link.lookups }()
	case <-s.link.ctx.Done():
		return context.Cause(s.link.ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
	raw, err := encode(filters)
	if err != nil {
		return err
	}
	id, err := s.link.subscribe(ctx, raw, r)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeDeadline)
		defer cancel()
		_ = s.link.unsubscribe(ctx, id) // Best effort: the relay may be gone.
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
