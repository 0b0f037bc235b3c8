package events

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/reference"
)

// Filter says which events are wanted (NIP-01). Every key that is given must match; of a list, any value.
type Filter struct {
	// Kinds are the event kinds, 0 to 65535.
	Kinds []int `yaml:"kinds"`
	// Authors are public keys: npub1…, nprofile1… or 64 hex characters; self is the rule's identity.
	Authors []string `yaml:"authors"`
	// IDs are event ids: note1…, nevent1… or 64 hex characters.
	IDs []string `yaml:"ids"`
	// Tags are values by the tag's letter, such as t: [nostr]; the values of p and e may be bech32 names. In p, and in
	// the addresses of a (30023:self:name), self is the rule's identity.
	Tags map[string][]string `yaml:"tags"`
	// Search is a text for relays that search (NIP-50).
	Search string `yaml:"search"`
	// Since asks for older events too: a time span back from the start (6h) or a time (2026-03-01T12:00:00Z).
	// Without it, what happened before the rule's first start is left alone. The rule's max_age still applies.
	Since Since `yaml:"since"`
}

func (f Filter) isZero() bool {
	return f.Kinds == nil && f.Authors == nil && f.IDs == nil && f.Tags == nil && f.Search == "" && f.Since.IsZero()
}

// matcher is a checked filter whose beginning is still to be computed.
type matcher struct {
	filter nostr.Filter
	since  Since
}

// at returns the filter as it is asked at a time.
func (m matcher) at(now time.Time) nostr.Filter {
	f := m.filter
	if !m.since.IsZero() {
		f.Since = timestamp(m.since.from(now))
	}
	return f
}

func timestamp(t time.Time) *nostr.Timestamp {
	ts := nostr.Timestamp(t.Unix())
	return &ts
}

// matcher checks a filter in which self stands for a public key. Its errors name the key below prefix.
func (f Filter) matcher(prefix, self string) (matcher, error) {
	var failed []error
	fail := func(path string, err error) { failed = append(failed, engine.At(prefix+path, err)) }
	if f.Kinds == nil && f.Authors == nil && f.IDs == nil && f.Tags == nil && f.Search == "" {
		fail("kinds", errors.New("is missing; say which events are wanted with kinds, authors, tags, ids or search, "+
			"for without any of them every event of the relays would match"))
	}
	out := nostr.Filter{Kinds: f.Kinds, Search: f.Search}
	if f.Kinds != nil && len(f.Kinds) == 0 {
		fail("kinds", engine.ErrEmptyList)
	}
	failed = append(failed, checkKinds(prefix, f.Kinds))
	out.Authors = readList(f.Authors, "authors", person(self), fail)
	out.IDs = readList(f.IDs, "ids", reference.EventID, fail)
	if f.Tags != nil && len(f.Tags) == 0 {
		fail("tags", engine.ErrEmptyList)
	}
	for _, name := range slices.Sorted(maps.Keys(f.Tags)) {
		path := "tags." + name
		if len(name) != 1 || !isLetter(name[0]) {
			fail(path, errors.New("is not a single letter; relays look up tags by one letter only, such as t, p or e"))
			continue
		}
		if out.Tags == nil {
			out.Tags = make(nostr.TagMap)
		}
		out.Tags[name] = readList(f.Tags[name], path, tagReader(name, self), fail)
		if f.Tags[name] == nil {
			fail(path, engine.ErrEmptyList)
		}
	}
	return matcher{out, f.Since}, errors.Join(failed...)
}

// readList reads every value of a list that was given, each once.
func readList(values []string, path string, read func(string) (string, error), fail func(string, error)) []string {
	if values != nil && len(values) == 0 {
		fail(path, engine.ErrEmptyList)
	}
	var out []string
	for i, v := range values {
		r, err := read(v)
		if err != nil {
			fail(fmt.Sprintf("%s.%d", path, i), err)
		} else if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// selfName stands for the public key of the rule's identity.
const selfName = "self"

// person returns how people are read.
func person(self string) func(string) (string, error) {
	return func(s string) (string, error) {
		if s == selfName {
			return self, nil
		}
		return reference.PublicKey(s)
	}
}

// tagReader returns how the values of a tag are read: relays index people and events by hex only.
func tagReader(name, self string) func(string) (string, error) {
	switch name {
	case "p", "P":
		return person(self)
	case "e", "E":
		return reference.EventID
	case "a", "A":
		return func(s string) (string, error) {
			return strings.Replace(s, ":"+selfName+":", ":"+self+":", 1), notEmpty(s)
		}
	}
	return func(s string) (string, error) {
		return s, notEmpty(s)
	}
}

func notEmpty(s string) error {
	if s == "" {
		return errors.New("is empty")
	}
	return nil
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// checkKinds checks a list of kinds; its errors name the element.
func checkKinds(prefix string, kinds []int) error {
	var failed error
	for i, k := range kinds {
		if k < 0 || k > engine.MaxKind {
			failed = errors.Join(failed, engine.At(fmt.Sprintf("%skinds.%d", prefix, i),
				fmt.Errorf("%d is not an event kind; they go from 0 to %d", k, engine.MaxKind)))
		}
	}
	return failed
}

// kindsOf checks a list of kinds that must not be empty.
func kindsOf(kinds []int) error {
	if len(kinds) == 0 {
		return engine.At("kinds", engine.ErrEmptyList)
	}
	return checkKinds("", kinds)
}

// Since is where the past that is wanted begins: a time span back from the start, or a fixed time.
type Since struct {
	Back engine.Duration
	At   time.Time
}

// UnmarshalText reads "6h", "2026-03-01" (midnight UTC) or "2026-03-01T12:00:00Z".
func (s *Since) UnmarshalText(text []byte) error {
	if at, ok := engine.ParseTime(string(text)); ok {
		*s = Since{At: at}
		return nil
	}
	back, err := engine.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is neither a time span such as 6h nor a time such as 2026-03-01T12:00:00Z", text)
	}
	*s = Since{Back: back}
	return nil
}

// IsZero reports whether no past is wanted.
func (s Since) IsZero() bool { return s == Since{} }

func (s Since) from(now time.Time) time.Time {
	if s.At.IsZero() {
		return now.Add(-s.Back.Std())
	}
	return s.At
}
