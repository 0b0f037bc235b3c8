package relay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

const (
	// cutAfter is how many stored events an answer must hold for us to suspect that a limit of the relay's has cut
	// it. The lowest limits in the field are higher.
	cutAfter = 20
	// maxPages bounds how far one catch-up goes back: with a relay's usual 500 events, 200,000 of them.
	maxPages = 400
)

var errPages = errors.New("the catch-up is longer than its bound")

// older reads what a limit of the relay's has cut off: every filter goes back page by page until nothing older
// comes. Until then the position must not move.
func (s *subscription) older(ctx context.Context) error {
	if s.complete {
		return nil
	}
	for i, f := range s.filters {
		if f.Limit > 0 || f.LimitZero || f.Search != "" || s.brought[i].events < cutAfter {
			continue
		}
		pages := maxPages
		err := s.back(ctx, f, s.brought[i].oldest, &pages)
		if errors.Is(err, errPages) {
			s.session.missed(fmt.Sprintf("the catch-up ended after %d answers; what is older was not read", maxPages))
			err = nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// back reads what is as old as until and older.
func (s *subscription) back(ctx context.Context, f nostr.Filter, until nostr.Timestamp, pages *int) error {
	for {
		was, err := s.page(ctx, f, f.Since, until, pages)
		switch {
		case err != nil:
			return err
		case was.events == 0:
			return nil
		case was.oldest < until:
			until = was.oldest
			continue
		case was.events >= cutAfter:
			if err := s.second(ctx, f, until, was.events, pages); err != nil {
				return err
			}
		}
		until--
	}
}

// second reads a second that holds as many events as a page, or more, by asking for parts of it.
func (s *subscription) second(ctx context.Context, f nostr.Filter, at nostr.Timestamp, most int, pages *int) error {
	halves, ok := halve(f)
	if !ok {
		s.session.missed(at.Time().UTC().Format(time.RFC3339) + " holds more events than the relay gives at once")
		return nil
	}
	for _, half := range halves {
		was, err := s.page(ctx, half, &at, at, pages)
		if err == nil && was.events >= most {
			err = s.second(ctx, half, at, most, pages)
		}
		if err != nil {
			return err
		}
	}
	return nil
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
	subscription *subscription
	claim        claim
	// brought and over belong to the reading goroutine until done.
	brought brought
	over    bool
	heard   chan struct{}
	done    chan error
}

var _ receiver = (*page)(nil)

func (p *page) event(g *glance) {
	poke(p.heard)
	if p.over || !p.claim.met(g) {
		return
	}
	p.brought.add(g.createdAt)
	p.subscription.read(g, p.subscription.index.find(g), false)
}

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
func (s *subscription) page(
	ctx context.Context, f nostr.Filter, since *nostr.Timestamp, until nostr.Timestamp, pages *int,
) (brought, error) {
	if *pages--; *pages < 0 {
		return brought{}, errPages
	}
	f.Since = since
	if f.Until == nil || until < *f.Until {
		f.Until = &until
	}
	p := &page{subscription: s, claim: newClaim(f), heard: make(chan struct{}, 1), done: make(chan error, 1)}
	if err := s.look(ctx, nostr.Filters{f}, p, p.heard, p.done); err != nil {
		return brought{}, err
	}
	return p.brought, nil
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
	raw, err := wire(filters)
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
