package feed

import (
	"context"
	"slices"

	"rhea/engine"
)

// shareFailed gives each feed its items that failed before the rule was changed: they are offered again as if they were
// new. Those of a feed that the rule does not read any more go with the first one.
func shareFailed(ctx context.Context, in engine.Intake, pollers []*poller) error {
	if len(pollers) == 0 {
		return nil
	}
	by := make(map[string]*poller, len(pollers))
	for _, p := range pollers {
		by[canonicalLink(withoutPassword(p.url))] = p
	}
	return in.Failed(ctx, func(key string, d engine.Data) {
		p := pollers[0]
		if data, ok := d.(*Data); ok && data.Feed != nil {
			if own := by[canonicalLink(data.Feed.URL)]; own != nil {
				p = own
			}
		}
		p.failed = append(p.failed, key)
	})
}

// outdated are the items that failed before the rule was changed, the oldest first.
func (p *poller) outdated() []candidate {
	all := make([]candidate, 0, len(p.failed))
	for _, key := range p.failed {
		all = append(all, candidate{key: key})
	}
	return all
}

// unmet counts the items that the feed has for the first time.
func unmet(all []candidate) (n int) {
	for _, c := range all {
		if c.item != nil {
			n++
		}
	}
	return n
}

// emitFailed offers such items again after a look that showed nothing new.
func (p *poller) emitFailed(ctx context.Context, in engine.Intake, l *look) error {
	if len(p.failed) == 0 || !l.state.Known {
		return nil
	}
	all := p.outdated()
	if held, err := p.holds(ctx, in, l, all, len(all)); held || err != nil {
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
