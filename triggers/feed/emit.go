package feed

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"time"

	"rhea/engine"
)

// candidate is an item on its way into the corridor. One without an item failed before the rule was changed.
type candidate struct {
	item    *Item
	key     string
	backlog bool
}

// emitNew hands in what is new in the feed, oldest first. Where the feed was read to is noted only when all of it was
// handed in, so that the next look, or the next start, finds what is left.
func (p *poller) emitNew(ctx context.Context, in engine.Intake, l *look, doc *document, v version) error {
	items, ids := identify(doc)
	if len(items) == 0 {
		return p.emitFailed(ctx, in, l) // An empty feed may be a broken one: nothing is learnt from it.
	}
	fresh, settle, err := p.compare(ctx, in, l, doc, items, ids)
	if err != nil {
		return err
	}
	first := !l.state.Known || canonicalLink(l.state.URL) != canonicalLink(p.url) && 2*len(fresh) > len(items)
	if first {
		l.state = state{URL: p.url, Asked: p.url} // Until all is remembered, a restart must begin as a first run again.
		var skipped []candidate
		skipped, fresh = p.skippedAtFirst(fresh)
		settle = append(settle, skipped...)
	} else {
		fresh = append(p.outdated(), fresh...)
		if held, err := p.holds(ctx, in, l, fresh, len(items)); held || err != nil {
			return err
		}
	}
	for _, c := range settle {
		if err := p.hand(ctx, in, l, doc, c); err != nil {
			return err
		}
	}
	fresh, left, err := p.handNew(ctx, in, l, doc, fresh)
	if err != nil {
		return err
	}
	l.keep(ids)
	l.state.URL, l.state.Known = p.url, true
	l.state.took(unmet(fresh), first, time.Now())
	l.state.Fingerprints = l.remember(doc, items, ids)
	l.state.pollHints = doc.hints
	l.state.Released = left
	if left == 0 {
		l.state.version, l.state.Revisions = v, p.config.OnUpdate == onUpdateRun
	}
	return nil
}

// handNew hands in what is new, at most max_items of it, and says what that was and how many are left.
func (p *poller) handNew(ctx context.Context, in engine.Intake, l *look, doc *document, fresh []candidate) (done []candidate, left int, err error) {
	left = max(len(fresh)-p.config.MaxItems, 0)
	done = fresh[:len(fresh)-left]
	for i, c := range done {
		if i > 0 && !engine.Wait(ctx, p.config.Spread.Std()/time.Duration(len(done))) {
			return done, left, ctx.Err()
		}
		if err := p.hand(ctx, in, l, doc, c); err != nil {
			return done, left, err
		}
	}
	return done, left, nil
}

// skippedAtFirst divides the items of a first run into those that are only remembered and those that are acted on.
func (p *poller) skippedAtFirst(fresh []candidate) (skipped, wanted []candidate) {
	for i, c := range fresh {
		switch {
		case p.config.FirstRun == firstRunAll,
			p.config.FirstRun == firstRunLatest && i == len(fresh)-1,
			!p.since.IsZero() && !c.item.time().Before(p.since):
			wanted = append(wanted, c)
		default:
			c.backlog = true
			skipped = append(skipped, c)
		}
	}
	return skipped, wanted
}

// holds reports whether the feed is held back, and tells the operator when that begins and ends. The operator's word
// is the position that says so: when it is gone, the feed is released.
func (p *poller) holds(ctx context.Context, in engine.Intake, l *look, fresh []candidate, items int) (bool, error) {
	unknown := 0
	for _, c := range fresh {
		if c.item != nil && !c.item.UpdatedAgain {
			unknown++
		}
	}
	stream := p.holdStream(p.stream)
	before := l.state.Held
	if before > 0 {
		value, err := in.Position(ctx, stream)
		if err != nil {
			return false, err
		}
		if _, held := engine.ParseHold(value); !held {
			l.state.release()
		}
	}
	now := time.Now()
	held := l.state.holds(p.config.HoldAbove, l.state.pollHints, len(fresh), unknown == items, now)
	switch {
	case held && before == 0:
		reason := fmt.Sprintf("the feed %s has %d new items at once, and %d are likely: none is posted until "+
			"rhea resume %s, or hold_above says otherwise", shownAddress(p.url), l.state.Held, l.state.Limit, p.setup.Rule)
		if n := len(fresh) - unmet(fresh); n > 0 {
			reason += fmt.Sprintf("; %d of them failed before the rule was changed", n)
		}
		p.log().Warn("feed held back", "reason", reason)
		p.report(ctx, in, reason)
		hold := engine.Hold{Since: now.UTC().Truncate(time.Second), Reason: reason}
		return true, in.Advance(ctx, engine.Position{Stream: stream, Value: hold.Position(p.setup.Rule).Value})
	case !held && before > 0:
		p.log().Info("feed no longer held back", "items", len(fresh))
		return false, in.Advance(ctx, engine.Position{Stream: stream})
	}
	return held, nil
}

// compare tells the new items, and those that are known under another name and are to be remembered under this one.
func (p *poller) compare(ctx context.Context, in engine.Intake, l *look, doc *document, items []*Item, ids []identity) (fresh, settle []candidate, err error) {
	remembered, looks := l.state.fingerprints(), fingerprintsOf(doc, items)
	for i, item := range items {
		known, err := p.seen(ctx, in, l, ids[i].key)
		if err != nil {
			return nil, nil, err
		}
		known = known || remembered[fingerprint(ids[i].key)]
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
		if !known && slices.ContainsFunc(looks[i], func(f string) bool { return remembered[f] }) {
			known = true
			settle = append(settle, candidate{item, ids[i].key, true})
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
func (p *poller) hand(ctx context.Context, in engine.Intake, l *look, doc *document, c candidate) error {
	if c.item == nil {
		return p.rerun(ctx, in, c.key)
	}
	steps := []candidate{c}
	if p.config.OnUpdate == onUpdateRun && !c.item.UpdatedAgain {
		steps = append(steps, candidate{c.item, c.item.revision(c.key), true})
	}
	for _, c := range steps {
		err := engine.EmitUntilStored(ctx, in, p.setup, func() engine.Signal {
			s := engine.Signal{
				Key:     c.key,
				Time:    c.item.time(),
				Group:   p.stream,
				Data:    &Data{Item: c.item, Feed: doc.info},
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

// shownAddress is an address for the log: without what may be a password or a token.
func shownAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}
