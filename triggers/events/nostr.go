package events

import (
	"embed"
	"errors"
	"fmt"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// NostrConfig is the configuration of the nostr trigger: one filter spelled out, or several below filters.
type NostrConfig struct {
	Filter `yaml:",inline"`

	// Filters are several filters of which any may match. They stand instead of the keys of a single one.
	Filters []Filter `yaml:"filters"`
	// Relays are the relays to listen to: a list, or the name of a set. Without it, the rule's relays.
	Relays engine.Relays `yaml:"relays"`
}

// sources are the files of this package without its tests, which all end in st.go: users read their comments.
//
//go:embed *[^t].go *[^s]t.go
var sources embed.FS

// NostrKind is the trigger that fires for every event that matches a filter (NIP-01).
func NostrKind() engine.TriggerKind {
	return engine.NewTriggerKind[NostrConfig, Data]("nostr", NostrConfig{}, newNostr).Answering(answerAge).Documented(sources)
}

// answerAge is how old an event may be to be answered: a reply to yesterday's mention is worse than silence.
const answerAge = 15 * time.Minute

func newNostr(c NostrConfig, s engine.Setup) (engine.Trigger, error) {
	all, err := c.matchers(s.Pubkey)
	if err != nil {
		return nil, err
	}
	l := newListener(&s, func(now time.Time) nostr.Filters {
		filters := make(nostr.Filters, len(all))
		for i, m := range all {
			filters[i] = m.at(now)
		}
		return filters
	})
	for _, m := range all {
		l.past = l.past || !m.since.IsZero()
	}
	return l, nil
}

func (c NostrConfig) matchers(self string) ([]matcher, error) {
	if c.Filters == nil {
		m, err := c.Filter.matcher("", self)
		return []matcher{m}, err
	}
	if !c.Filter.isZero() {
		return nil, engine.At("filters", errors.New("stands beside other keys of a filter; move those into the list"))
	}
	if len(c.Filters) == 0 {
		return nil, engine.At("filters", engine.ErrEmptyList)
	}
	var all []matcher
	var failed error
	for i, f := range c.Filters {
		m, err := f.matcher(fmt.Sprintf("filters.%d.", i), self)
		all, failed = append(all, m), errors.Join(failed, err)
	}
	return all, failed
}
