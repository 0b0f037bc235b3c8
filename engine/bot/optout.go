package bot

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// optOutStream names the position that holds what a person said last to an identity: the word, when, and the event.
func optOutStream(bot, person string) string { return "opt_out/" + bot + "/" + person }

// optOut is the gate of those who said stop. It leaves no verdict on all the others.
func (r *runner) optOut(ctx context.Context, t *trial) (passed bool, err error) {
	if t.Event == nil {
		return true, nil
	}
	outcome, detail, err := r.optOutGate(ctx, t)
	if err != nil || outcome == pass {
		return err == nil, err
	}
	t.decision.Gates = append(t.decision.Gates, engine.Verdict{Gate: "opt_out", Detail: detail})
	t.stop(outcome, detail)
	return false, nil
}

// optOutGate ignores people who want to be left alone, and hears who says so now. It comes before the condition:
// no rule has to provide for it.
func (r *runner) optOutGate(ctx context.Context, t *trial) (engine.Outcome, string, error) {
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
	last, err := r.saidLast(ctx, stream, t.Event.PubKey)
	if err != nil {
		return pass, "", err
	}
	muted := last[0] == wordStop
	switch {
	case last[2] == t.Event.ID && !t.waited:
		return engine.RateLimited, "another rule has heard this", nil
	case word != "" && saidAt(t).Format(time.RFC3339) < last[1] && last[1] != "-":
		return engine.RateLimited, "the author has said " + last[0] + " since", nil // A relay may bring the older word later.
	case word == wordStop && !muted, word == wordStart && (muted || r.late(t)):
		return r.hear(ctx, t, word, stream, last[1] == "-")
	case word == wordStart:
		t.Position = heard(t, word, stream) // In case an older stop comes later.
		if _, err := r.wordOfNewcomer(ctx, t); err != nil {
			return pass, "", err
		}
	case muted:
		return engine.RateLimited, "the author said stop at " + last[1], nil
	}
	return pass, "", nil
}

// hear stores what the person said with the claim on the event, and confirms it: the first time whatever the author's and
// the thread's limits, then within them, so that nobody makes the bot talk by saying stop and start.
func (r *runner) hear(ctx context.Context, t *trial, word, stream string, first bool) (engine.Outcome, string, error) {
	if t.Verify != nil {
		if outcome, detail, err := r.signatureGate(ctx, t); outcome != pass || err != nil {
			return outcome, detail, err
		}
	}
	t.Position = heard(t, word, stream)
	silent, err := r.wordOfNewcomer(ctx, t)
	if err != nil {
		return pass, "", err
	}
	note, confirm := "the author said "+word, r.rule.OptOut.Stopped
	if word == wordStart {
		confirm = r.rule.OptOut.Started
	}
	if held, err := r.held(ctx); err != nil || held != "" || r.late(t) {
		return engine.RateLimited, note, err // It counts, but it is no time to talk.
	}
	if silent {
		return engine.RateLimited, note + "; too many say so to be told that it was heard", r.storeWord(ctx, t)
	}
	a, limited, err := r.limited(ctx, t)
	if err != nil {
		return pass, "", err
	}
	if confirm == nil || limited != "" && (!first || a.what == "rate") {
		return engine.RateLimited, note, nil
	}
	t.steps = []engine.Step{{Kind: "opt_out", Action: confirm}}
	t.notes = append(t.notes, note)
	return engine.Fired, note, nil
}

// heard is how a word is stored.
func heard(t *trial, word, stream string) *engine.Position {
	return &engine.Position{Stream: stream, Value: word + " " + saidAt(t).Format(time.RFC3339) + " " + t.Event.ID}
}

// late reports whether the signal is too old to be answered.
func (r *runner) late(t *trial) bool { return r.rule.MaxAge > 0 && t.now.Sub(t.Time) > r.rule.MaxAge }

// saidAt is when a word was said, in the author's words but not in the future.
func saidAt(t *trial) time.Time {
	if at := t.Event.CreatedAt.Time(); at.Before(t.now) {
		return at.UTC()
	}
	return t.now.UTC()
}

// optOutReach is how far back a bot that was away reads for the words of people who had enough.
const optOutReach = 7 * 24 * time.Hour

// reach is how far back the triggers of a rule read after a pause.
func reach(r *engine.Rule) time.Duration {
	if r.OptOut == nil || r.MaxAge == 0 || len(r.OptOut.Stop)+len(r.OptOut.Start) == 0 {
		return r.MaxAge
	}
	return max(r.MaxAge, optOutReach)
}

const (
	wordStop  = "stop"
	wordStart = "start"
)

// addressee matches how a message names whom it is written to.
var addressee = regexp.MustCompile(`(?i)(nostr:|@)?\bn(pub|profile)1[a-z0-9]+|#\[\d+\]`)

// maxWord is the longest message that is looked at for a word.
const maxWord = 1000

// wordOf returns whether a message to the bot says to stop or to start, and nothing else.
func (r *runner) wordOf(t *trial) string {
	if !t.Direct || t.Event == nil || t.waited { // What has waited was heard before it did.
		return ""
	}
	return wordIn(t.Event, r.rule.OptOut)
}

// wordIn returns which of the words an event consists of, "" for none.
func wordIn(e *nostr.Event, o *engine.OptOut) string {
	if o == nil || len(e.Content) > maxWord {
		return ""
	}
	text := strings.Trim(addressee.ReplaceAllString(e.Content, ""), " \t\r\n.,:;!?\"'")
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
