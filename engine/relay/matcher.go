package relay

import (
	"math"
	"slices"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/relay/wire"
)

// matcher matches a filter with the unverified fields of a peeked event.
type matcher struct {
	ids, authors *values // nil when any matches
	kinds        []int
	tags         []tagMatcher
	since, until int64
}

type tagMatcher struct {
	name byte
	*values
}

// values is a list with fast look-up for any length; nil holds every value.
type values struct {
	few  []string
	many map[string]struct{}
}

const fewValues = 8

func newValues(list []string) *values {
	if list == nil {
		return nil
	}
	if len(list) <= fewValues {
		return &values{few: list}
	}
	many := make(map[string]struct{}, len(list))
	for _, v := range list {
		many[v] = struct{}{}
	}
	return &values{many: many}
}

func (v *values) has(value []byte) bool {
	if v == nil {
		return true
	}
	if v.many != nil {
		_, ok := v.many[string(value)]
		return ok
	}
	return slices.ContainsFunc(v.few, func(few string) bool { return few == string(value) })
}

func newMatcher(f nostr.Filter) matcher {
	c := matcher{
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
		// A peek does not see other tags. They are matched when the event is parsed.
		if len(name) == 1 && list != nil {
			c.tags = append(c.tags, tagMatcher{name[0], newValues(list)})
		}
	}
	return c
}

// matches reports whether the event, as it claims to be, matches the filter.
func (m *matcher) matches(peek *wire.Peek) bool {
	if peek.CreatedAt < m.since || peek.CreatedAt > m.until || (m.kinds != nil && !slices.Contains(m.kinds, peek.Kind)) ||
		!m.authors.has(peek.Pubkey) || !m.ids.has(peek.ID) {
		return false
	}
	for i := range m.tags {
		if !m.tags[i].matches(peek.Tags) {
			return false
		}
	}
	return true
}

func (m *tagMatcher) matches(tags []wire.PeekedTag) bool {
	for _, tag := range tags {
		if tag.Name == m.name && m.has(tag.Value) {
			return true
		}
	}
	return false
}
