package relay

import (
	"math"
	"slices"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/relay/wire"
)

// claim is a filter that is held against what an event claims.
type claim struct {
	ids, authors values
	kinds        []int
	tags         []claimedTag
	since, until int64
}

type claimedTag struct {
	name byte
	values
}

// values is a list that is searched fast whatever its length; nil takes everything.
type values struct {
	few  []string
	many map[string]struct{}
	any  bool
}

const fewValues = 8

func newValues(list []string) values {
	if len(list) <= fewValues {
		return values{few: list, any: list == nil}
	}
	many := make(map[string]struct{}, len(list))
	for _, v := range list {
		many[v] = struct{}{}
	}
	return values{many: many}
}

func (v *values) has(value []byte) bool {
	if v.any {
		return true
	}
	if v.many != nil {
		_, ok := v.many[string(value)]
		return ok
	}
	return slices.ContainsFunc(v.few, func(few string) bool { return few == string(value) })
}

func newClaim(f nostr.Filter) claim {
	c := claim{
		ids: newValues(f.IDs), authors: newValues(f.Authors), kinds: f.Kinds,
		since: math.MinInt64, until: math.MaxInt64,
	}
	if f.Since != nil {
		c.since = int64(*f.Since)
	}
	if f.Until != nil {
		c.until = int64(*f.Until)
	}
	for name, list := range f.Tags {
		// What a peek cannot see is judged when the event is read.
		if len(name) == 1 && list != nil {
			c.tags = append(c.tags, claimedTag{name[0], newValues(list)})
		}
	}
	return c
}

// met reports whether the event meets the filter by what it claims.
func (c *claim) met(g *wire.Peek) bool {
	if g.CreatedAt < c.since || g.CreatedAt > c.until || (c.kinds != nil && !slices.Contains(c.kinds, g.Kind)) ||
		!c.authors.has(g.Pubkey) || !c.ids.has(g.ID) {
		return false
	}
	for i := range c.tags {
		if !c.tags[i].in(g.Tags) {
			return false
		}
	}
	return true
}

func (t *claimedTag) in(tags []wire.PeekedTag) bool {
	for _, tag := range tags {
		if tag.Name == t.name && t.has(tag.Value) {
			return true
		}
	}
	return false
}
