package feed

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rhea/engine"
)

// emitNew hands in what is new in the feed, oldest first. Where the feed was read to is noted only when all of it was
// handed in, so that the next look, or the next start, finds what is left.
func (p *poller) emitNew(ctx context.Context, in engine.Intake, l *look, doc *document, v version) error {
	items, ids := identify(doc)
	if len(items) == 0 {
		return p.emitFailed(ctx, in, l) // An empty feed may be a broken one: nothing is learnt from it.
	}
	fresh, noted, err := p.compare(ctx, in, l, doc, items, ids)
	if err != nil {
		return err
	}
	l.seen = seen{items: len(items), new: len(fresh)}
	first := !l.state.Known || canonicalLink(l.state.URL) != canonicalLink(p.url) && 2*len(fresh) > len(items)
	if first {
		l.state = state{URL: p.url, Asked: p.url} // Until all is remembered, a restart must begin as a first run again.
		var skipped []candidate
		skipped, fresh = p.skippedAtFirst(fresh)
		noted = append(noted, skipped...)
		l.seen = seen{first: true, items: len(items), new: len(fresh), skipped: len(skipped)}
	} else {
		fresh = append(p.outdated(), fresh...)
		if held, err := p.quarantined(ctx, in, l, fresh, len(items)); held || err != nil {
			return err
		}
	}
	for _, c := range noted {
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
	l.state.Fingerprints = remember(l.state.Fingerprints, l.done, doc, items, ids)
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

// quarantined reports whether the feed is held back, and tells the operator when that begins and ends. The operator's word
// is the position that says so: when it is gone, the feed is released.
func (p *poller) quarantined(ctx context.Context, in engine.Intake, l *look, fresh []candidate, items int) (bool, error) {
	unknown := 0
	for _, c := range fresh {
		if c.item != nil && !c.item.UpdatedAgain {
			unknown++
		}
	}
	stream := holdStream(p.setup.Rule, p.stream)
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
	held := l.state.quarantines(p.config.HoldAbove, l.state.pollHints, len(fresh), unknown == items, now)
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

// emitFailed offers such items again after a look that showed nothing new.
func (p *poller) emitFailed(ctx context.Context, in engine.Intake, l *look) error {
	if len(p.failed) == 0 || !l.state.Known {
		return nil
	}
	all := p.outdated()
	if held, err := p.quarantined(ctx, in, l, all, len(all)); held || err != nil {
		return err
	}
	_, left, err := p.handNew(ctx, in, l, nil, all)
	if err == nil {
		l.state.Released = left
	}
	return err
}

// rerun has such an item run again.
func (p *poller) rerun(ctx context.Context, in engine.Intake, key string) error {
	err := engine.RerunUntilStored(ctx, in, p.setup, key)
	if err == nil {
		p.failed = slices.DeleteFunc(p.failed, func(k string) bool { return k == key })
	}
	return err
}
