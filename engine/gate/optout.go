package gate

import (
	"context"
	"time"

	"rhea/engine"
)

// optOutStream names the position that holds what a person said last to an identity: the word, when, and the event.
func optOutStream(bot, person string) string { return "opt_out/" + bot + "/" + person }

// optOuts hears who wants to be left alone.
type optOuts struct {
	facts   *facts
	answers *answers
	words   *words
	limits  *limits
	holds   *holds
}

// optOutGate ignores people who want to be left alone, and hears who says so now. It comes before the condition:
// no rule has to provide for it. It leaves no verdict on all the others.
func (r *optOuts) optOutGate() Gate {
	return locked{check{"opt_out", r.askOptOut}, func(c *Candidate) []string {
		if r.words.wordOf(c) == "" {
			return nil
		}
		// Other rules of the identity hear the same word: the first one to come answers.
		return []string{"opt_out/" + optOutStream(r.facts.pubkey(), c.Event.PubKey)}
	}}
}

func (r *optOuts) askOptOut(ctx context.Context, c *Candidate) (Verdict, error) {
	if c.Event == nil {
		return skip(), nil
	}
	stream := optOutStream(r.facts.pubkey(), c.Event.PubKey)
	said := r.words.wordOf(c)
	last, err := r.words.saidLast(ctx, stream, c.Event.PubKey)
	if err != nil {
		return Verdict{}, err
	}
	muted := last[0] == wordStop
	switch {
	case last[2] == c.Event.ID && !c.Queued:
		return stop(engine.RateLimited, "another rule has heard this"), nil
	case said != "" && saidAt(c).Format(time.RFC3339) < last[1] && last[1] != "-":
		return stop(engine.RateLimited, "the author has said "+last[0]+" since"), nil // A relay may bring the older word later.
	case said == wordStop && !muted, said == wordStart && (muted || late(r.facts, c)):
		c.heard = &word{said, last[1] == "-"}
	case said == wordStart:
		v := skip()
		v.Store = storedWord(c, said, stream) // In case an older stop comes later.
		_, err := r.asNewcomer(ctx, c, v.Store)
		return v, err
	case muted:
		return stop(engine.RateLimited, "the author said stop at "+last[1]), nil
	}
	return skip(), nil
}

// confirmGate stores what a person said with the claim on the event, and confirms it: the first time whatever the author's
// and the thread's limits, then within them, so that nobody makes the bot talk by saying stop and start.
func (r *optOuts) confirmGate() Gate {
	return check{"opt_out", r.askConfirm}
}

func (r *optOuts) askConfirm(ctx context.Context, c *Candidate) (Verdict, error) {
	if c.heard == nil {
		return skip(), nil
	}
	said := c.heard.said
	v := stop(engine.RateLimited, "the author said "+said)
	if c.Verify != nil {
		if checked := checkSignature(ctx, r.facts, c); checked.Outcome != Pass {
			return checked, nil
		}
		v.Proved = true
	}
	v.Store = storedWord(c, said, optOutStream(r.facts.pubkey(), c.Event.PubKey))
	silent, err := r.asNewcomer(ctx, c, v.Store)
	if err != nil {
		return Verdict{}, err
	}
	if held, err := r.holds.reason(ctx); err != nil || held != "" || late(r.facts, c) {
		return v, err // It counts, but it is no time to talk.
	}
	if silent {
		r.facts.crowd.note(ctx, r.facts.rule, r.facts.dry, "more newcomers say stop than can be told that it was heard")
		v.Reason += "; too many say so to be told that it was heard"
		v.Unclaimed = true
		return v, nil
	}
	confirm := r.facts.rule.OptOut.Stopped
	if said == wordStart {
		confirm = r.facts.rule.OptOut.Started
	}
	used, err := r.limits.limited(ctx, c)
	if err != nil {
		return Verdict{}, err
	}
	v.Count, v.Done = used.below, r.limits.ended(c)
	if confirm == nil || used.reason != "" && (!c.heard.first || used.what == "rate") {
		return v, nil
	}
	v.Outcome, v.Reply = engine.Fired, confirm
	return v, nil
}

// storedWord is how a word is stored.
func storedWord(c *Candidate, said, stream string) *engine.Position {
	return &engine.Position{Stream: stream, Value: said + " " + saidAt(c).Format(time.RFC3339) + " " + c.Event.ID}
}

// saidAt is when a word was said, in the author's words but not in the future.
func saidAt(c *Candidate) time.Time {
	if at := c.Event.CreatedAt.Time(); at.Before(c.Now) {
		return at.UTC()
	}
	return c.Now.UTC()
}

// optOutReach is how far back a bot that was away reads for the words of people who had enough.
const optOutReach = 7 * 24 * time.Hour

// Reach is how far back the triggers of a rule read after a pause.
func Reach(r *engine.Rule) time.Duration {
	if r.OptOut == nil || r.MaxAge == 0 || len(r.OptOut.Stop)+len(r.OptOut.Start) == 0 {
		return r.MaxAge
	}
	return max(r.MaxAge, optOutReach)
}

// wordsFull reports whether no more words are confirmed for now.
func (f *floods) wordsFull(ctx context.Context, bot string) (bool, error) {
	over, err := f.look(ctx, "", []budget{{counter: floodCounter("words", bot), most: wordFlood(), n: 1}})
	return over != nil, err
}

// asNewcomer puts the word of somebody who was never answered where newcomers' words are, and reports whether there is no
// time to confirm it.
func (r *optOuts) asNewcomer(ctx context.Context, c *Candidate, at *engine.Position) (silent bool, err error) {
	if r.facts.gates.follows.Known(r.facts.pubkey())[c.Event.PubKey] {
		return false, nil
	}
	answered, err := r.answers.answered(ctx, c.Event.PubKey, r.facts.now().Add(time.Nanosecond))
	if err != nil || answered {
		return false, err
	}
	at.Stream = newcomerStream(r.facts.pubkey(), c.Event.PubKey)
	at.Value += " " + c.Event.PubKey
	return r.facts.gates.floods.wordsFull(ctx, r.facts.pubkey())
}
