package relay

import (
	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/relay/wire"
)

// index finds the wishes that an event may meet without asking each of them: every wish is filed under its rarest
// kind of value. One goroutine at a time may use it.
type index struct {
	ids, authors map[string][]*wish
	tags         [256]map[string][]*wish
	kinds        map[int][]*wish
	all          []*wish

	turn  uint64
	found []*served
}

// served is a leg among those that share a subscription.
type served struct {
	leg  *leg
	term uint64
	// at is where the leg stood when it was asked for.
	at      place
	filters nostr.Filters
	// behind are, by filter, the times of what the query had no room for, and busy says that they are being read. The
	// query's lock guards both.
	behind map[int]span
	busy   bool

	// The index owns these: the last event that was looked up, and the first filter that it met.
	turn  uint64
	first int
}

// wish is one filter of a leg.
type wish struct {
	served *served
	place  int
	claim  claim
}

// newIndex files all filters of these legs.
func newIndex(legs []*served) *index {
	x := &index{
		ids: make(map[string][]*wish), authors: make(map[string][]*wish), kinds: make(map[int][]*wish),
	}
	for _, s := range legs {
		for i, f := range s.filters {
			x.add(&wish{served: s, place: i, claim: newClaim(f)}, f)
		}
	}
	return x
}

func (x *index) add(w *wish, f nostr.Filter) {
	name, values := rarestTag(f)
	switch {
	case f.IDs != nil:
		file(x.ids, f.IDs, w)
	case name != 0:
		if x.tags[name] == nil {
			x.tags[name] = make(map[string][]*wish)
		}
		file(x.tags[name], values, w)
	case f.Authors != nil:
		file(x.authors, f.Authors, w)
	case f.Kinds != nil:
		file(x.kinds, f.Kinds, w)
	default:
		x.all = append(x.all, w)
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

func file[K comparable](under map[K][]*wish, keys []K, w *wish) {
	for _, k := range keys {
		// A value that a filter names twice would come one after the other.
		if list := under[k]; len(list) == 0 || list[len(list)-1] != w {
			under[k] = append(list, w)
		}
	}
}

// find returns the legs with a filter that the event meets by what it claims, and the first such filter of each. The
// result is good until the next call.
func (x *index) find(g *wire.Peek) []*served {
	x.turn++
	x.found = x.found[:0]
	x.try(x.all, g)
	if len(x.kinds) > 0 {
		x.try(x.kinds[g.Kind], g)
	}
	if len(x.authors) > 0 {
		x.try(x.authors[string(g.Pubkey)], g)
	}
	if len(x.ids) > 0 {
		x.try(x.ids[string(g.ID)], g)
	}
	for _, t := range g.Tags {
		if under := x.tags[t.Name]; under != nil {
			x.try(under[string(t.Value)], g)
		}
	}
	return x.found
}

func (x *index) try(wishes []*wish, g *wire.Peek) {
	for _, w := range wishes {
		s := w.served
		known := s.turn == x.turn
		if known && s.first <= w.place || !w.claim.met(g) {
			continue
		}
		s.first = w.place
		if !known {
			s.turn = x.turn
			x.found = append(x.found, s)
		}
	}
}
