package relay

import (
	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/relay/wire"
)

// index finds the wishes that an event may meet without asking each of them: every wish is filed under its rarest
// kind of value. One goroutine at a time may use it.
type index struct {
	ids, authors map[string][]*indexed
	tags         [256]map[string][]*indexed
	kinds        map[int][]*indexed
	all          []*indexed

	round uint64
	found []*member
}

// queryStatus is a leg among those that share a subscription.
type member struct {
	subscriber *subscriber
	epoch      uint64
	// start is where the leg stood when it was asked for.
	start   cursor
	filters nostr.Filters
	// byAuthor are, by filter, the times of what the query had no room for, and busy says that they are being read. The
	// query's lock guards both.
	deferred map[int]span
	busy     bool

	// The index owns these: the last event that was looked up, and the first filter that it met.
	round  uint64
	filter int
}

// indexed is one filter of a leg.
type indexed struct {
	member  *member
	filter  int
	matcher matcher
}

// newIndex files all filters of these legs.
func newIndex(members []*member) *index {
	x := &index{
		ids: make(map[string][]*indexed), authors: make(map[string][]*indexed), kinds: make(map[int][]*indexed),
	}
	for _, s := range members {
		for i, f := range s.filters {
			x.add(&indexed{member: s, filter: i, matcher: newMatcher(f)}, f)
		}
	}
	return x
}

func (x *index) add(entry *indexed, f nostr.Filter) {
	name, values := rarestTag(f)
	switch {
	case f.IDs != nil:
		file(x.ids, f.IDs, entry)
	case name != 0:
		if x.tags[name] == nil {
			x.tags[name] = make(map[string][]*indexed)
		}
		file(x.tags[name], values, entry)
	case f.Authors != nil:
		file(x.authors, f.Authors, entry)
	case f.Kinds != nil:
		file(x.kinds, f.Kinds, entry)
	default:
		x.all = append(x.all, entry)
	}
}

// rarestTag returns the tag of the filter with the fewest values, 0 when none can be peeked at.
func rarestTag(f nostr.Filter) (name byte, values []string) {
	for n, v := range f.Tags {
		if len(n) == 1 && v != nil && (name == 0 || len(v) < len(values) || (len(v) == len(values) && n[0] < name)) {
			name, values = n[0], v
		}
	}
	return name, values
}

func file[K comparable](under map[K][]*indexed, keys []K, entry *indexed) {
	for _, k := range keys {
		// A value that a filter names twice would come one after the other.
		if list := under[k]; len(list) == 0 || list[len(list)-1] != entry {
			under[k] = append(list, entry)
		}
	}
}

// find returns the legs with a filter that the event meets by what it claims, and the first such filter of each. The
// result is good until the next call.
func (x *index) find(peek *wire.Peek) []*member {
	x.round++
	x.found = x.found[:0]
	x.try(x.all, peek)
	if len(x.kinds) > 0 {
		x.try(x.kinds[peek.Kind], peek)
	}
	if len(x.authors) > 0 {
		x.try(x.authors[string(peek.Pubkey)], peek)
	}
	if len(x.ids) > 0 {
		x.try(x.ids[string(peek.ID)], peek)
	}
	for _, t := range peek.Tags {
		if under := x.tags[t.Name]; under != nil {
			x.try(under[string(t.Value)], peek)
		}
	}
	return x.found
}

func (x *index) try(entries []*indexed, peek *wire.Peek) {
	for _, entry := range entries {
		s := entry.member
		known := s.round == x.round
		if known && s.filter <= entry.filter || !entry.matcher.matches(peek) {
			continue
		}
		s.filter = entry.filter
		if !known {
			s.round = x.round
			x.found = append(x.found, s)
		}
	}
}
