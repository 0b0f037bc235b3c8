package cmd

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/cmd/control"
	"rhea/engine"
)

const (
	// listenEvery is how often a sandbox is asked what came of a visitor's words.
	listenEvery = 100 * time.Millisecond
	// quietAfter is how long nothing more has to come after an answer for the conversation to be over.
	quietAfter = 1500 * time.Millisecond
	// nameAfter is how long the decision may come after what it published.
	nameAfter = time.Second
)

// answerEvent is what the bot has published in answer to a visitor. Rule is "" when nobody knows which one did.
type answerEvent struct {
	Rule  string      `json:"rule"`
	Event nostr.Event `json:"event"`
}

// heard is what came of a visitor's words.
type heard struct {
	answers   []answerEvent
	decisions []engine.Decision
}

// report is what say prints as JSON.
func (h heard) report(said nostr.Event) any {
	return struct {
		Said      nostr.Event       `json:"said"`
		Answers   []answerEvent     `json:"answers"`
		Decisions []engine.Decision `json:"decisions"`
	}{said, append([]answerEvent{}, h.answers...), append([]engine.Decision{}, h.decisions...)}
}

// rules are those that have decided.
func (h heard) rules() map[string]bool {
	all := make(map[string]bool)
	for _, d := range h.decisions {
		all[d.Rule] = true
	}
	return all
}

// listen collects what comes back until that is all: every rule has decided, it is quiet after an answer, or no answer
// has come in time.
func (w *visitor) listen(ctx context.Context, said nostr.Event, wait time.Duration, each func(answerEvent)) (h heard, err error) {
	again := time.NewTicker(listenEvery)
	defer again.Stop()
	begun, known := time.Now(), map[string]bool{said.ID: true}
	until := begun.Add(wait)
	for {
		if h.decisions, err = w.Decisions(ctx, said.ID); err != nil {
			return h, w.gone(ctx, err)
		}
		news, owed, err := w.news(ctx, said, h.decisions)
		if err != nil {
			return h, w.gone(ctx, err)
		}
		for _, n := range news {
			if known[n.Event.ID] {
				continue
			}
			if n.Rule == "" && time.Since(begun) < nameAfter {
				owed = true // The decision comes a moment after the event.
				continue
			}
			known[n.Event.ID] = true
			h.answers = append(h.answers, n)
			each(n)
			until = time.Now().Add(quietAfter)
		}
		if !owed && w.allDecided(said, h) || !time.Now().Before(until) {
			return h, nil
		}
		select {
		case <-ctx.Done():
			return h, ctx.Err()
		case <-again.C:
		}
	}
}

// gone explains an error of a sandbox that answered a moment ago.
func (w *visitor) gone(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("the sandbox has gone away: %w", err)
}

// allDecided reports whether nothing more is to be expected.
func (w *visitor) allDecided(said nostr.Event, h heard) bool {
	decided := h.rules()
	for _, id := range w.Identities {
		for _, rule := range id.Rules {
			if !decided[rule.Name] && mayHear(id, rule, said) {
				return false
			}
		}
	}
	return true
}

// mayHear reports whether a rule may answer what was said; its trigger may still want something else.
func mayHear(id control.SandboxIdentity, rule control.SandboxRule, said nostr.Event) bool {
	return !rule.Addressed || said.Tags.FindWithValue("p", id.Pubkey) != nil
}

// news returns what the bot has published in answer, the oldest first, and whether some of it is still on its way.
func (w *visitor) news(ctx context.Context, said nostr.Event, decisions []engine.Decision) (all []answerEvent, owed bool, err error) {
	rules, ids := make(map[string]string), []string{}
	for _, d := range decisions {
		for _, id := range d.Published {
			rules[id], ids = d.Rule, append(ids, id)
		}
	}
	found := make(map[string]bool)
	for _, f := range []nostr.Filter{
		{IDs: ids}, {Tags: nostr.TagMap{"e": {said.ID}}}, {Tags: nostr.TagMap{"q": {said.ID}}},
	} {
		if f.IDs != nil && len(f.IDs) == 0 {
			continue
		}
		events, err := w.fetch(ctx, f)
		if err != nil {
			return nil, false, err
		}
		for _, e := range events {
			if !found[e.ID] && e.PubKey != said.PubKey {
				found[e.ID], all = true, append(all, answerEvent{rules[e.ID], e})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b answerEvent) int { return int(a.Event.CreatedAt - b.Event.CreatedAt) })
	return all, slices.ContainsFunc(ids, func(id string) bool { return !found[id] }), nil
}
