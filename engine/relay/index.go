package relay

import (
	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/relay/wire"
)

// index finds the filters that an event may match without trying all of them. Each filter is indexed by its most
// selective list. It is not safe for concurrent use.
type index struct {
	ids, authors map[string][]*indexed
	tags         [256]map[string][]*indexed
	kinds        map[int][]*indexed
	all          []*indexed

	round uint64
	found []*member
}

// member is a subscriber in one subscription.
type member struct {
	subscriber *subscriber
	epoch      uint64
	// start is the cursor of the subscriber when the REQ was sent.
	start   cursor
	filters nostr.Filters
	// deferred holds, by filter, the spans that were not read because there was no room. busy is true while they are
	// being read. The lock of the query guards both.
	deferred map[int]span
	busy     bool

	// The index owns these: the round in which the member was last found, and its first filter that matched then.
	round  uint64
	filter int
}

// indexed is one filter of a member in the index.
type indexed struct {
	member  *member
	filter  int
	matcher matcher
}

// newIndex indexes all filters of the members.
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

// rarestTag returns the tag of the filter with the fewest values, 0 without a tag that a peek reads.
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
		// A filter may name a value twice in a row.
		if list := under[k]; len(list) == 0 || list[len(list)-1] != entry {
			under[k] = append(list, entry)
		}
	}
}

// find returns the members with a filter that the unverified event matches, each with its first such filter. The result
// is valid until the next call.
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
