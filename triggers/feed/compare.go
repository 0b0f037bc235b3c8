package feed

import (
	"context"
	"slices"

	"rhea/engine"
)

// candidate is an item on its way into the corridor. One without an item failed before the rule was changed.
type candidate struct {
	item    *Item
	key     string
	backlog bool
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

// compare tells the new items, and those that are known under another name and are to be remembered under this one.
func (p *poller) compare(ctx context.Context, in engine.Intake, l *look, doc *document, items []*Item, ids []identity) (fresh, noted []candidate, err error) {
	remembered, looks := fingerprintsIn(l.state.Fingerprints), fingerprintsOf(doc, items)
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
				noted = append(noted, candidate{item, ids[i].key, true})
			}
		}
		if !known && slices.ContainsFunc(looks[i], func(f string) bool { return remembered[f] }) {
			known = true
			noted = append(noted, candidate{item, ids[i].key, true})
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
					noted = append(noted, c)
				} else {
					fresh = append(fresh, c)
				}
			}
		}
	}
	return fresh, noted, nil
}

func (p *poller) seen(ctx context.Context, in engine.Intake, l *look, key string) (bool, error) {
	if l.done[key] {
		return true, nil
	}
	return in.Seen(ctx, key)
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

// outdated are the items that failed before the rule was changed, the oldest first.
func (p *poller) outdated() []candidate {
	all := make([]candidate, 0, len(p.failed))
	for _, key := range p.failed {
		all = append(all, candidate{key: key})
	}
	return all
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
