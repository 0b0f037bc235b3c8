package relay

import (
	"context"
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
		until := s.brought[i].oldest
		for n := 0; ; n++ {
			if n == maxPages {
				s.leg.log.Warn("the catch-up ends at its bound; older events are not read", "until", until.Time())
				break
			}
			p, err := s.page(ctx, f, until)
			if err != nil {
				return err
			}
			if p.brought.events == 0 {
				break
			}
			if p.brought.oldest == until {
				// A second with more events than a page cannot be read to its end.
				until--
			} else {
				until = p.brought.oldest
			}
		}
	}
	return nil
}

// page is one look further back with one filter.
type page struct {
	subscription *subscription
	filters      nostr.Filters
	brought      brought
	heard        chan struct{}
	done         chan error
}

var _ receiver = (*page)(nil)

func (p *page) event(raw []byte) {
	poke(p.heard)
	key, err := peekKey(raw)
	if err != nil {
		return
	}
	if c := p.subscription.leg.read(key, raw, p.filters); c != nil {
		p.brought.add(c.event)
		p.subscription.offerStored(c)
	}
}

func (p *page) eose(string) { p.finish(nil) }

func (p *page) closed(reason string) { p.finish(&refusedError{reason}) }

func (p *page) finish(err error) {
	select {
	case p.done <- err:
	default: // The first end counts.
	}
}

// page asks for what the filter matches up to a time, the newest of it.
func (s *subscription) page(ctx context.Context, f nostr.Filter, until nostr.Timestamp) (*page, error) {
	if f.Until == nil || until < *f.Until {
		f.Until = &until
	}
	p := &page{
		subscription: s,
		filters:      nostr.Filters{f},
		heard:        make(chan struct{}, 1),
		done:         make(chan error, 1),
	}
	raw, err := wire(p.filters)
	if err != nil {
		return nil, err
	}
	id, err := s.link.subscribe(ctx, raw, p)
	if err != nil {
		return nil, err
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
		case err := <-p.done:
			return p, err
		case <-p.heard:
			quiet.Reset(quietDeadline)
		case end := <-s.ended:
			s.ended <- end
			return nil, errLost
		case <-quiet.C:
			return nil, errNoAnswer
		case <-s.link.ctx.Done():
			return nil, context.Cause(s.link.ctx)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
