package relay

import (
	"cmp"
	"maps"
	"slices"

	"github.com/nbd-wtf/go-nostr"
)

// class keeps apart what must not share a REQ.
type class int

const (
	// plain filters name ids, authors or tag values.
	plain class = iota
	// broad filters name none, and may be the whole firehose: a REQ of their own can be closed without loss to others.
	broad
	// wrapped filters look days back.
	wrapped
	// search filters are refused by relays without NIP-50.
	search
)

func classOf(f nostr.Filter) class {
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

// portions cuts the filters of a query into parts that each fit into one REQ and hold one class of filters.
func portions(filters nostr.Filters) []nostr.Filters {
	usual := usualLimits()
	var byClass [search + 1]nostr.Filters
	for _, f := range filters {
		c := classOf(f)
		byClass[c] = append(byClass[c], cut(f, usual.values)...)
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

// cut divides the filter until none of its lists of texts is longer than most.
func cut(f nostr.Filter, most int) nostr.Filters {
	rigid := f.Limit > 0 // It is meant for all of them together.
	whole := nostr.Filters{f}
	if rigid {
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

// bundle is what shares a REQ.
type bundle struct {
	class class
	alone bool
	// loosely says that filters were merged although the union asks for more, with so many values in a list.
	loosely bool
	values  int

	legs   []*leg
	unions []*union
	bytes  int
}

// add takes a leg in if the REQ stays within the limits.
func (b *bundle) add(l *leg, lim limits) bool {
	into := make([]*union, len(l.filters))
	fresh, bytes := 0, b.bytes
	for i, f := range l.filters {
		at := slices.IndexFunc(b.unions, func(u *union) bool { return u.takes(f, lim.values, b.loosely) })
		if at >= 0 {
			into[i] = b.unions[at]
		} else {
			fresh++
		}
		bytes += newUnion(f, part{}).size() // More than it will be.
	}
	if len(b.legs) > 0 && (len(b.unions)+fresh > lim.filters || bytes > lim.bytes) {
		return false
	}
	for i, f := range l.filters {
		p := part{l, i}
		if into[i] != nil && into[i].takes(f, lim.values, b.loosely) {
			into[i].add(f, p)
		} else {
			b.unions = append(b.unions, newUnion(f, p))
		}
	}
	b.legs, b.bytes = append(b.legs, l), bytes
	return true
}

// plan puts the legs of a relay into as few REQs as its limits allow. When that is too many, it asks for more than
// is wanted, which the index drops, and then lets the classes share.
func plan(set map[*leg]bool, lim limits, room int) []*bundle {
	legs := slices.SortedFunc(maps.Keys(set), func(a, b *leg) int {
		return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(a.stream, b.stream))
	})
	bundles := pack(legs, lim, plainly)
	for _, how := range []packing{loosely, together} {
		if len(bundles) <= room {
			return bundles
		}
		wide := lim
		wide.filters, wide.values = max(lim.filters, 20), max(lim.values, 800)
		bundles = pack(legs, wide, how)
	}
	return bundles
}

type packing int

const (
	plainly packing = iota
	loosely
	together
)

// lookBack is how many bundles are tried for a leg, so that very many legs are planned in time.
const lookBack = 4

func pack(legs []*leg, lim limits, how packing) []*bundle {
	var bundles []*bundle
	for _, l := range legs {
		in := false
		for i := len(bundles) - 1; i >= max(0, len(bundles)-lookBack) && !in; i-- {
			b := bundles[i]
			same := b.class == l.class || how == together && b.class != search && l.class != search
			exact := lim
			if l.class == broad && how == plainly {
				exact.filters = len(b.unions) // Only what asks for the same.
				exact.values = 0
			}
			in = same && !b.alone && !l.alone && b.add(l, exact)
		}
		if !in {
			b := &bundle{class: l.class, alone: l.alone, loosely: how != plainly, values: lim.values}
			b.add(l, lim)
			bundles = append(bundles, b)
		}
	}
	return bundles
}
