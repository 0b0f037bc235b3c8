package engine

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// OptOut lets people tell the bot to leave them alone. Whoever says so is ignored by every rule of the identity,
// for good, until they say otherwise.
type OptOut struct {
	// Stop and Start are the words, in any case, that a message to the bot must consist of.
	Stop, Start []string
	// Stopped and Started confirm; nil says nothing.
	Stopped, Started Action
}

// optOutStream names the position that holds what a person said last to an identity: the word, when, and the event.
func optOutStream(bot, person string) string { return "opt_out/" + bot + "/" + person }

// optOut is the gate of those who said stop. It leaves no verdict on all the others.
func (r *runner) optOut(ctx context.Context, t *trial) (passed bool, err error) {
	if r.rule.OptOut == nil || t.Event == nil {
		return true, nil
	}
	outcome, detail, err := r.optOutGate(ctx, t)
	if err != nil || outcome == pass {
		return err == nil, err
	}
	t.decision.Gates = append(t.decision.Gates, Verdict{Gate: "opt_out", Detail: detail})
	t.stop(outcome, detail)
	return false, nil
}

// optOutGate ignores people who want to be left alone, and hears who says so now. It comes before the condition:
// no rule has to provide for it.
func (r *runner) optOutGate(ctx context.Context, t *trial) (Outcome, string, error) {
	stream := optOutStream(r.identity.Signer.PublicKey(), t.Event.PubKey)
	word := r.wordOf(t)
	if word != "" {
		// Other rules of the identity hear the same word: the first one to come answers.
		leave, err := r.engine.optOuts.enter(ctx, stream)
		if err != nil {
			return pass, "", err
		}
		t.leave = append(t.leave, leave)
	}
	value, err := r.ledger.Position(ctx, stream)
	if err != nil {
		return pass, "", fmt.Errorf("looking up opt-outs: %w", err)
	}
	last := strings.Fields(value + " - - -")[:3]
	muted := last[0] == wordStop
	switch {
	case last[2] == t.Event.ID:
		return RateLimited, "another rule has heard this", nil
	case word == wordStop && !muted, word == wordStart && muted:
		return r.hear(ctx, t, word, stream)
	case muted:
		return RateLimited, "the author said stop at " + last[1], nil
	}
	return pass, "", nil
}

// hear stores what the person said with the claim on the event, and confirms it within the rule's limits.
func (r *runner) hear(ctx context.Context, t *trial, word, stream string) (Outcome, string, error) {
	if t.Verify != nil {
		if outcome, detail, err := r.signatureGate(ctx, t); outcome != pass || err != nil {
			return outcome, detail, err
		}
	}
	t.Position = &Position{stream, word + " " + t.now.UTC().Format(time.RFC3339) + " " + t.Event.ID}
	note, confirm := "the author said "+word, r.rule.OptOut.Stopped
	if word == wordStart {
		confirm = r.rule.OptOut.Started
	}
	_, limited, err := r.limited(ctx, t)
	if err != nil {
		return pass, "", err
	}
	if confirm == nil || limited != "" {
		return RateLimited, note, nil
	}
	t.steps = []Step{{Kind: "opt_out", Action: confirm}}
	t.notes = append(t.notes, note)
	return Fired, note, nil
}

const (
	wordStop  = "stop"
	wordStart = "start"
)

// addressee matches how a message names whom it is written to.
var addressee = regexp.MustCompile(`(?i)(nostr:|@)?\bn(pub|profile)1[a-z0-9]+|#\[\d+\]`)

// maxWord is the longest message that is looked at for a word.
const maxWord = 1000

// wordOf returns whether the message says to stop or to start, and nothing else.
func (r *runner) wordOf(t *trial) string {
	o := r.rule.OptOut
	if o == nil || !t.Direct || len(t.Event.Content) > maxWord {
		return ""
	}
	text := strings.Trim(addressee.ReplaceAllString(t.Event.Content, ""), " \t\r\n.,:;!?\"'")
	is := func(word string) bool { return strings.EqualFold(word, text) }
	switch {
	case text == "":
		return ""
	case slices.ContainsFunc(o.Stop, is):
		return wordStop
	case slices.ContainsFunc(o.Start, is):
		return wordStart
	}
	return ""
}
