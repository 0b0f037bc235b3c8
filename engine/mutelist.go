package engine

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

const (
	kindMuteList = 10000 // NIP-51
	// How long a mute list counts, and how soon it is asked for again where there was none: relays get it late.
	muteKeep, muteKeepNone = time.Hour, 10 * time.Minute
	// muteTend is how often it is looked whether a list has grown old, and muteDeadline how long the first answer of an
	// identity waits for its list.
	muteTend, muteDeadline = time.Minute, 3 * time.Second
	maxMutes               = 10_000
)

// muteLists knows whom and what the identities have muted in public, with whatever program.
type muteLists struct {
	lists *Lookup[muteList]

	mu sync.Mutex
	// tended are the identities whose lists are kept fresh; true once an answer has waited for one.
	tended map[string]bool
}

// newMuteLists returns lists that ask all relays that the rules publish to. Without a source they stay empty.
func newMuteLists(o Options) *muteLists {
	m := &muteLists{tended: make(map[string]bool)}
	if o.Source == nil {
		return m
	}
	var relays []string
	for _, rule := range o.Rules {
		relays = append(relays, rule.Relays...)
	}
	m.lists = NewLookup(LookupOptions[muteList]{
		Source: o.Source, Relays: slices.Compact(slices.Sorted(slices.Values(relays))),
		Filter: func(authors []string) nostr.Filter {
			return nostr.Filter{Kinds: []int{kindMuteList}, Authors: authors}
		},
		Key:  func(e *nostr.Event) string { return e.PubKey },
		Read: func(_ context.Context, e *nostr.Event) (muteList, bool) { return readMuteList(e), true },
		Keep: muteKeep, KeepNone: muteKeepNone,
	})
	return m
}

// tend keeps the lists fresh until ctx ends, beginning with those of the rules that people speak to.
func (m *muteLists) tend(ctx context.Context, runners []*runner) {
	if m.lists == nil {
		return
	}
	m.mu.Lock()
	for _, r := range runners {
		if slices.ContainsFunc(r.rule.Triggers, func(t RuleTrigger) bool { return t.Kind.Addressed }) {
			m.tended[r.identity.Signer.PublicKey()] = false
		}
	}
	m.mu.Unlock()
	for {
		m.mu.Lock()
		identities := slices.Collect(maps.Keys(m.tended))
		m.mu.Unlock()
		m.lists.Expect(ctx, identities...)
		select {
		case <-ctx.Done():
			return
		case <-time.After(muteTend):
		}
	}
}

// of returns the list of an identity as far as it is known. Only the first answer waits for it, and not for long.
func (m *muteLists) of(ctx context.Context, pubkey string) muteList {
	if m.lists == nil {
		return muteList{}
	}
	m.mu.Lock()
	waited := m.tended[pubkey]
	m.mu.Unlock()
	wait := muteDeadline
	if waited {
		wait = 0
	}
	list, _, _ := m.lists.Find(ctx, pubkey, wait) // What nobody knows is empty.
	if !waited {
		m.mu.Lock()
		m.tended[pubkey] = true
		m.mu.Unlock()
	}
	return list
}

// muteList is what one identity has muted: tags of an event as "p <pubkey>", and words.
type muteList struct {
	tags  map[string]bool
	words []string
}

func readMuteList(e *nostr.Event) muteList {
	l := muteList{tags: make(map[string]bool)}
	for _, tag := range e.Tags[:min(len(e.Tags), maxMutes)] {
		if len(tag) < 2 || tag[1] == "" {
			continue
		}
		switch tag[0] {
		case "p", "e":
			l.tags[tag[0]+" "+tag[1]] = true
		case "t":
			l.tags["t "+strings.ToLower(tag[1])] = true
		case "word":
			l.words = append(l.words, strings.ToLower(tag[1]))
		}
	}
	return l
}

// why says what of a signal is muted, "" when nothing is.
func (l muteList) why(t *trial) string {
	if l.tags["p "+t.Event.PubKey] {
		return "the author is on the identity's mute list"
	}
	if t.Thread != "" && l.tags["e "+t.Thread] || l.tags["e "+t.Event.ID] {
		return "the thread is on the identity's mute list"
	}
	for _, tag := range t.Event.Tags {
		if len(tag) > 1 && tag[0] == "t" && l.tags["t "+strings.ToLower(tag[1])] {
			return "a hashtag is on the identity's mute list"
		}
	}
	if len(l.words) > 0 {
		text := strings.ToLower(t.Event.Content)
		for _, word := range l.words {
			if strings.Contains(text, word) {
				return "a word is on the identity's mute list"
			}
		}
	}
	return ""
}

// muted is the gate of the identity's mute list. It leaves no verdict on what is not muted.
func (r *runner) muted(ctx context.Context, t *trial) bool {
	if t.Event == nil {
		return false
	}
	reason := r.engine.mutes.of(ctx, r.identity.Signer.PublicKey()).why(t)
	t.turnDown("mute_list", reason)
	return reason != ""
}
