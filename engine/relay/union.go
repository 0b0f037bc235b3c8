package relay

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/nbd-wtf/go-nostr"
)

// union is one filter that asks for the events of several filters.
type union struct {
	// scalars are the fields that must be equal in all of them, as text.
	scalars string
	filter  nostr.Filter
	lists   map[string]map[string]bool
	// exact is true for a filter with a limit or a search, which must not be merged with other values.
	exact bool
	parts []part
}

// part is one filter of a subscriber.
type part struct {
	subscriber *subscriber
	filter     int
}

// lists are the lists of a filter, each under its name on the wire.
func lists(f nostr.Filter) map[string][]string {
	named := make(map[string][]string, 3+len(f.Tags))
	if f.IDs != nil {
		named["ids"] = f.IDs
	}
	if f.Authors != nil {
		named["authors"] = f.Authors
	}
	if f.Kinds != nil {
		kinds := make([]string, len(f.Kinds))
		for i, k := range f.Kinds {
			kinds[i] = strconv.Itoa(k)
		}
		named["kinds"] = kinds
	}
	for name, values := range f.Tags {
		if values != nil {
			named["#"+name] = values
		}
	}
	return named
}

func scalars(f nostr.Filter) string {
	text := fmt.Sprint(f.Limit, f.LimitZero, f.Search)
	if f.Since != nil {
		text += fmt.Sprint(" since ", *f.Since)
	}
	if f.Until != nil {
		text += fmt.Sprint(" until ", *f.Until)
	}
	return text
}

func newUnion(f nostr.Filter, p part) *union {
	u := &union{
		scalars: scalars(f), filter: f, lists: make(map[string]map[string]bool),
		exact: f.Limit > 0 || f.Search != "", parts: []part{p},
	}
	for name, values := range lists(f) {
		u.lists[name] = make(map[string]bool, len(values))
		u.addValues(name, values)
	}
	return u
}

func (u *union) addValues(name string, values []string) {
	for _, v := range values {
		u.lists[name][v] = true
	}
}

// accepts reports whether another filter may be merged into the union, with at most so many values in a list. Without
// widen, the result may ask for nothing that neither of them wants.
func (u *union) accepts(f nostr.Filter, most int, widen bool) bool {
	named := lists(f)
	if u.scalars != scalars(f) || len(named) != len(u.lists) {
		return false
	}
	grown, different := 0, 0
	for name, values := range named {
		set, ok := u.lists[name]
		if !ok {
			return false
		}
		fresh := 0
		for _, v := range values {
			if !set[v] {
				fresh++
			}
		}
		if fresh > 0 {
			grown++
		}
		if fresh > 0 || len(values) != len(set) {
			different++
		}
		if fresh > 0 && len(set)+fresh > most {
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

func (u *union) add(f nostr.Filter, p part) {
	for name, values := range lists(f) {
		u.addValues(name, values)
	}
	u.parts = append(u.parts, p)
}

// size is roughly the length of the filter on the wire.
func (u *union) size() int {
	n := 120 + len(u.filter.Search)
	for _, values := range u.lists {
		n += 12
		for v := range values {
			n += len(v) + 3
		}
	}
	return n
}

// filterForAll is the merged filter, without a date.
func (u *union) filterForAll() nostr.Filter {
	f := u.filter
	f.Tags = make(nostr.TagMap)
	for name, set := range u.lists {
		values := slices.Sorted(maps.Keys(set))
		switch name {
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
			f.Tags[name[1:]] = values
		}
	}
	return f
}
