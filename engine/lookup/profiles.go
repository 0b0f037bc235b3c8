package lookup

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// maxProfile is the longest profile that is read, in bytes. A longer one is as good as none.
const maxProfile = 64 << 10

// NewProfiles returns profiles that ask the relays.
func NewProfiles(source engine.Source, relays []string) *Newest[engine.Profile] {
	return New(Options[engine.Profile]{
		Source: source, Relays: relays,
		Filter: func(authors []string) nostr.Filter {
			return nostr.Filter{Kinds: []int{nostr.KindProfileMetadata}, Authors: authors}
		},
		Key: func(e *nostr.Event) string { return e.PubKey },
		Read: func(_ context.Context, e *nostr.Event) (engine.Profile, bool) {
			return engine.Profile{Content: e.Content, Bot: saysBot(e.Content), At: e.CreatedAt.Time()}, len(e.Content) <= maxProfile
		},
		Keep: time.Hour, KeepNone: 10 * time.Minute,
	})
}

// saysBot reads the field bot. Some programs write it as a text.
func saysBot(content string) bool {
	var fields struct {
		Bot json.RawMessage `json:"bot"`
	}
	if json.Unmarshal([]byte(content), &fields) != nil {
		return false
	}
	return strings.EqualFold(strings.Trim(string(fields.Bot), `"`), "true")
}

// SharedProfiles shares profiles between the rules that listen to the same relays.
type SharedProfiles struct {
	source engine.Source
	by     map[string]engine.Profiles
}

// ShareProfiles returns the profiles of all relays; a nil source has none.
func ShareProfiles(source engine.Source) *SharedProfiles {
	return &SharedProfiles{source, make(map[string]engine.Profiles)}
}

// Of returns the profiles that relays are asked for; nil without a source.
func (p *SharedProfiles) Of(relays []string) engine.Profiles {
	if p.source == nil {
		return nil
	}
	relays = slices.Compact(slices.Sorted(slices.Values(relays)))
	key := strings.Join(relays, " ")
	if p.by[key] == nil {
		p.by[key] = NewProfiles(p.source, relays)
	}
	return p.by[key]
}
