package relay

import (
	"cmp"
	"maps"
	"slices"

	"github.com/nbd-wtf/go-nostr"
)

// class separates filters that must not share a REQ.
type class int

const (
	// plain filters name ids, authors or tag values.
	plain class = iota
	// broad filters name none of these and may match everything. In a REQ of their own they can be closed without loss
	// to others.
	broad
	// wrapped filters ask for private messages and look days back.
	wrapped
	// search filters are refused by relays without NIP-50.
	search
)

func classify(f nostr.Filter) class {
	switch {
	case f.Search != "":
		return search
	case isWrapped(f):
		return wrapped
	case f.IDs == nil && f.Authors == nil && len(f.Tags) == 0:
		return broad
	}
	return plain
}

// portions divides the filters of a query into parts that each fit into one REQ and hold one class of filters.
func portions(filters nostr.Filters) []nostr.Filters {
	usual := usualLimits()
	var byClass [search + 1]nostr.Filters
	for _, f := range filters {
		c := classify(f)
		byClass[c] = append(byClass[c], splitLists(f, usual.values)...)
	}
	var all []nostr.Filters
	for _, of := range byClass {
		for len(of) > 0 {
			n := min(len(of), usual.filters)
			all = append(all, of[:n:n])
			of = of[n:]
		}
	}
	return all
}

// splitLists divides the filter until none of its lists of texts is longer than most.
func splitLists(f nostr.Filter, most int) nostr.Filters {
	limited := f.Limit > 0 // The limit is meant for all values together.
	whole := nostr.Filters{f}
	if limited {
		return whole
	}
	divide := func(list []string, set func(f *nostr.Filter, values []string)) {
		if len(list) <= most {
			return
		}
		var finer nostr.Filters
		for _, f := range whole {
			for values := range slices.Chunk(list, most) {
				set(&f, values)
				finer = append(finer, f)
			}
		}
		whole = finer
	}
	divide(f.IDs, func(f *nostr.Filter, values []string) { f.IDs = values })
	divide(f.Authors, func(f *nostr.Filter, values []string) { f.Authors = values })
	for name, list := range f.Tags {
		divide(list, func(f *nostr.Filter, values []string) {
			f.Tags = maps.Clone(f.Tags)
			f.Tags[name] = values
		})
	}
	return whole
}

// bundle is a set of subscribers that share a REQ.
type bundle struct {
	class    class
	isolated bool
	suspect  bool
	// widen allows merged filters that ask for more than their parts do, with up to this many values in a list.
	widen  bool
	values int

	subscribers []*subscriber
	unions      []*union
	bytes       int
}

// add takes a subscriber in that wants some filters, if the REQ stays within the limits.
func (b *bundle) add(sub *subscriber, wants []wanted, lim limits) bool {
	into := make([]*union, len(wants))
	fresh, bytes := 0, b.bytes
	for i, w := range wants {
		at := slices.IndexFunc(b.unions, func(u *union) bool { return u.accepts(w, lim.values, b.widen) })
		if at >= 0 {
			into[i] = b.unions[at]
		} else {
			fresh++
		}
		bytes += w.size // An upper bound.
	}
	if len(b.subscribers) > 0 && (len(b.unions)+fresh > lim.filters || bytes > lim.bytes) {
		return false
	}
	for i, w := range wants {
		if into[i] != nil && into[i].accepts(w, lim.values, b.widen) {
			into[i].add(w)
		} else {
			b.unions = append(b.unions, newUnion(w))
		}
	}
	b.subscribers, b.bytes = append(b.subscribers, sub), bytes
	return true
}

// plan puts the subscribers of a relay into as few REQs as its limits allow. When these are too many, it merges filters
// into ones that ask for more than is wanted (the index drops the rest), and then lets classes share.
func plan(all map[*subscriber]bool, lim limits, room int) []*bundle {
	subscribers := slices.SortedFunc(maps.Keys(all), func(a, b *subscriber) int {
		return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(a.stream, b.stream))
	})
	wants := make([][]wanted, len(subscribers))
	for i, sub := range subscribers {
		wants[i] = sub.wants()
	}
	bundles := pack(subscribers, wants, lim, packExact)
	for _, how := range []packing{packWide, packMixed} {
		if len(bundles) <= room {
			return bundles
		}
		wide := lim
		wide.filters, wide.values = max(lim.filters, 20), max(lim.values, 800)
		bundles = pack(subscribers, wants, wide, how)
	}
	return bundles
}

type packing int

const (
	packExact packing = iota
	packWide
	packMixed
)

// packLookBack is how many bundles are tried for a subscriber. It bounds the time for very many subscribers.
const packLookBack = 4

func pack(subscribers []*subscriber, wants [][]wanted, lim limits, how packing) []*bundle {
	var bundles []*bundle
	for n, sub := range subscribers {
		in := false
		for i := len(bundles) - 1; i >= max(0, len(bundles)-packLookBack) && !in; i-- {
			b := bundles[i]
			same := b.class == sub.class || how == packMixed && b.class != search && sub.class != search
			exact := lim
			if sub.class == broad && how == packExact {
				exact.filters = len(b.unions) // Only equal filters share.
				exact.values = 0
			}
			in = same && !b.isolated && !sub.isolated && b.suspect == sub.suspect && b.add(sub, wants[n], exact)
		}
		if !in {
			b := &bundle{class: sub.class, isolated: sub.isolated, suspect: sub.suspect, widen: how != packExact, values: lim.values}
			b.add(sub, wants[n], lim)
			bundles = append(bundles, b)
		}
	}
	return bundles
}

// limits are what a relay accepts, as far as is known: at first what most relays accept, then what the relay announces
// (NIP-11) and what its refusals show.
type limits struct {
	// subscriptions per connection, filters per REQ, values per list, bytes per message.
	subscriptions, filters, values, bytes int
}

func usualLimits() limits { return limits{subscriptions: 10, filters: 3, values: 250, bytes: 60 << 10} }

// maxStanding is how many subscriptions may stay open; the others are for pages and look-ups.
func (l limits) maxStanding() int { return max(1, l.subscriptions-spares) }

// fetchLimits asks the relay for its limits. They are hints, often absent and sometimes wrong.
func (p *planner) fetchLimits() {
	policy, err := p.session.policy(p.ctx)
	if err != nil {
		p.log.Debug("the relay does not tell its limits", "error", err)
		return
	}
	p.updateLimits(policy)
}

// updateLimits takes over the limits that a relay announces, within reason.
func (p *planner) updateLimits(policy Policy) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known := p.limits
	set := func(to *int, announced, least, most int) {
		if announced > 0 {
			*to = min(max(announced, least), most)
		}
	}
	set(&p.limits.subscriptions, policy.MaxSubscriptions, 1, 50)
	set(&p.limits.filters, policy.MaxFilters, 1, 20)
	set(&p.limits.bytes, policy.MaxMessage, 4<<10, 120<<10)
	if p.limits != known && len(p.groups) > min(known.maxStanding(), p.limits.maxStanding()) {
		p.replanAll = true
		notify(p.wake)
	}
}
