package relay

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/nbd-wtf/go-nostr"
)

// wanted is a filter of a subscriber as filters are compared and merged.
type wanted struct {
	part
	filter  nostr.Filter
	scalars scalars
	lists   []list
	// size is roughly the length of the filter on the wire.
	size int
}

// part is one filter of a subscriber.
type part struct {
	subscriber *subscriber
	filter     int
}

// scalars are the fields of a filter that must be equal in all that are merged.
type scalars struct {
	limit         int
	limitZero     bool
	search        string
	dated, ending bool
	since, until  nostr.Timestamp
}

// list is a list of a filter under its name on the wire.
type list struct {
	name   string
	values []string
}

// wants returns the filters of a subscriber for merging.
func (sub *subscriber) wants() []wanted {
	wants := make([]wanted, len(sub.filters))
	for i, f := range sub.filters {
		wants[i] = wanted{part: part{sub, i}, filter: f, scalars: scalarsOf(f), lists: lists(f), size: 120 + len(f.Search)}
		for _, l := range wants[i].lists {
			wants[i].size += 12
			for _, v := range l.values {
				wants[i].size += len(v) + 3
			}
		}
	}
	return wants
}

// lists are the lists of a filter in the order of their names.
func lists(f nostr.Filter) []list {
	named := make([]list, 0, 3+len(f.Tags))
	for name, values := range f.Tags {
		if values != nil {
			named = append(named, list{"#" + name, values})
		}
	}
	slices.SortFunc(named, func(a, b list) int { return strings.Compare(a.name, b.name) })
	if f.Authors != nil {
		named = append(named, list{"authors", f.Authors})
	}
	if f.IDs != nil {
		named = append(named, list{"ids", f.IDs})
	}
	if f.Kinds != nil {
		kinds := make([]string, len(f.Kinds))
		for i, k := range f.Kinds {
			kinds[i] = strconv.Itoa(k)
		}
		named = append(named, list{"kinds", kinds})
	}
	return named
}

func scalarsOf(f nostr.Filter) scalars {
	s := scalars{limit: f.Limit, limitZero: f.LimitZero, search: f.Search, dated: f.Since != nil, ending: f.Until != nil}
	if s.dated {
		s.since = *f.Since
	}
	if s.ending {
		s.until = *f.Until
	}
	return s
}

// union is one filter that asks for the events of several filters.
type union struct {
	scalars scalars
	filter  nostr.Filter
	lists   []unionList
	// exact is true for a filter with a limit or a search, which must not be merged with other values.
	exact bool
	parts []part
}

// unionList is the values under one name of all filters of a union, in the order of the names.
type unionList struct {
	name   string
	values map[string]bool
}

func newUnion(w wanted) *union {
	u := &union{scalars: w.scalars, filter: w.filter, lists: make([]unionList, len(w.lists)), exact: w.filter.Limit > 0 || w.filter.Search != ""}
	for i, l := range w.lists {
		u.lists[i] = unionList{l.name, make(map[string]bool, len(l.values))}
	}
	u.add(w)
	return u
}

// accepts reports whether another filter may be merged into the union, with at most so many values in a list. Without
// widen, the result may ask for nothing that neither of them wants.
func (u *union) accepts(w wanted, most int, widen bool) bool {
	if u.scalars != w.scalars || len(w.lists) != len(u.lists) {
		return false
	}
	grown, different := 0, 0
	for i, l := range w.lists {
		if l.name != u.lists[i].name {
			return false
		}
		known, fresh := u.lists[i].values, 0
		for _, v := range l.values {
			if !known[v] {
				fresh++
			}
		}
		if fresh > 0 {
			grown++
		}
		if fresh > 0 || len(l.values) != len(known) {
			different++
		}
		if fresh > 0 && len(known)+fresh > most {
			return false
		}
	}
	switch {
	case u.exact:
		return different == 0
	case grown == 0, grown == 1 && different == 1:
		return true
	}
	return widen
}

func (u *union) add(w wanted) {
	for i, l := range w.lists {
		for _, v := range l.values {
			u.lists[i].values[v] = true
		}
	}
	u.parts = append(u.parts, w.part)
}

// filterForAll is the merged filter, without a date.
func (u *union) filterForAll() nostr.Filter {
	f := u.filter
	f.Tags = make(nostr.TagMap)
	for _, l := range u.lists {
		values := slices.Sorted(maps.Keys(l.values))
		switch l.name {
		case "ids":
			f.IDs = values
		case "authors":
			f.Authors = values
		case "kinds":
			f.Kinds = make([]int, len(values))
			for i, v := range values {
				f.Kinds[i], _ = strconv.Atoi(v) // It was written by Itoa.
			}
			slices.Sort(f.Kinds)
		default:
			f.Tags[l.name[1:]] = values
		}
	}
	return f
}
