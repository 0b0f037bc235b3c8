package triggers

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"time"

	"rhea/engine"
)

// candidate is an item on its way into the corridor.
type candidate struct {
	item    *Item
	key     string
	backlog bool
}

// emitNew hands in what is new in the feed, oldest first. Where the feed was read to is stored only when all of it
// was handed in, so that the next look, or the next start, finds what is left.
func (p *poller) emitNew(ctx context.Context, in engine.Intake, l *look, doc *feedDocument, next feedState) error {
	items, ids := identify(doc)
	if len(items) == 0 {
		return nil // An empty feed may be a broken one: nothing is learnt from it.
	}
	fresh, settle, err := p.compare(ctx, in, l, items, ids)
	if err != nil {
		return err
	}
	first := !l.state.Known || canonicalLink(l.state.URL) != canonicalLink(p.url) && 2*len(fresh) > len(items)
	if first {
		l.state = feedState{URL: p.url} // Until all is remembered, a restart must begin as a first run again.
		skipped := fresh[:len(fresh)-p.wantedAtFirst(len(fresh))]
		for i := range skipped {
			skipped[i].backlog = true
		}
		settle, fresh = append(settle, skipped...), fresh[len(skipped):]
	}
	left := len(fresh) > p.config.MaxItems
	fresh = fresh[:min(len(fresh), p.config.MaxItems)]
	for _, c := range settle {
		if err := p.hand(ctx, in, l, doc, c); err != nil {
			return err
		}
	}
	for i, c := range fresh {
		if i > 0 && !wait(ctx, p.config.Spread.Std()/time.Duration(len(fresh))) {
			return ctx.Err()
		}
		if err := p.hand(ctx, in, l, doc, c); err != nil {
			return err
		}
	}
	l.keep(ids)
	if left {
		l.state.URL, l.state.Known = p.url, true
	} else {
		l.state = next
		l.state.URL, l.state.Known, l.state.Revisions = p.url, true, p.config.OnUpdate == onUpdateRun
	}
	return p.store(ctx, in, l)
}

// wantedAtFirst returns how many of the newest items of a first run are acted on.
func (p *poller) wantedAtFirst(n int) int {
	switch p.config.FirstRun {
	case firstRunAll:
		return n
	case firstRunLatest:
		return min(n, 1)
	}
	return 0
}

// compare tells the new items, and those that are known under another name and are to be remembered under this one.
func (p *poller) compare(ctx context.Context, in engine.Intake, l *look, items []*Item, ids []identity) (fresh, settle []candidate, err error) {
	for i, item := range items {
		known, err := p.seen(ctx, in, l, ids[i].key)
		if err != nil {
			return nil, nil, err
		}
		for _, other := range ids[i].others {
			if known {
				break
			}
			if known, err = p.seen(ctx, in, l, other); err != nil {
				return nil, nil, err
			}
			if known {
				settle = append(settle, candidate{item, ids[i].key, true})
			}
		}
		if !known {
			fresh = append(fresh, candidate{item: item, key: ids[i].key})
		} else if p.config.OnUpdate == onUpdateRun {
			changed, err := p.seen(ctx, in, l, item.revision(ids[i].key))
			if err != nil {
				return nil, nil, err
			}
			if !changed {
				again := *item
				again.UpdatedAgain = true
				c := candidate{&again, item.revision(ids[i].key), !l.state.Revisions}
				if c.backlog {
					settle = append(settle, c)
				} else {
					fresh = append(fresh, c)
				}
			}
		}
	}
	return fresh, settle, nil
}

func (p *poller) seen(ctx context.Context, in engine.Intake, l *look, key string) (bool, error) {
	if l.done[key] {
		return true, nil
	}
	return in.Seen(ctx, key)
}

// revision is the key of an item as it is now.
func (i *Item) revision(key string) string { return key + " as " + hex.EncodeToString(i.digest[:8]) }

// hand hands one item in, and with on_update what it looks like, so that a change can be told later.
func (p *poller) hand(ctx context.Context, in engine.Intake, l *look, doc *feedDocument, c candidate) error {
	steps := []candidate{c}
	if p.config.OnUpdate == onUpdateRun && !c.item.UpdatedAgain {
		steps = append(steps, candidate{c.item, c.item.revision(c.key), true})
	}
	for _, c := range steps {
		err := emit(ctx, in, p.setup, func() engine.Signal {
			s := engine.Signal{
				Key:     c.key,
				Time:    c.item.time(),
				Group:   p.stream,
				Data:    &FeedData{Item: c.item, Feed: doc.info},
				Backlog: c.backlog,
			}
			if s.Time.IsZero() || s.Time.After(time.Now()) {
				s.Time = time.Now()
			}
			if !l.state.Known {
				position := l.state.position(p.stream)
				s.Position = &position
			}
			return s
		})
		if err != nil {
			return err
		}
		l.done[c.key] = true
	}
	return nil
}

// keep forgets the keys of items that have left the feed.
func (l *look) keep(ids []identity) {
	if len(l.done) <= 2*len(ids) {
		return
	}
	present := make(map[string]bool)
	for _, id := range ids {
		if l.done[id.key] {
			present[id.key] = true
		}
	}
	l.done = present
}

// store writes the state down if it has changed.
func (p *poller) store(ctx context.Context, in engine.Intake, l *look) error {
	if l.state == l.stored {
		return nil
	}
	if err := in.Advance(ctx, l.state.position(p.stream)); err != nil {
		return err
	}
	l.stored = l.state
	return nil
}

func (s feedState) position(stream string) engine.Position {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // Texts and booleans only.
	}
	return engine.Position{Stream: stream, Value: string(text)}
}

// shownAddress is an address for the log: without what may be a password or a token.
func shownAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}
