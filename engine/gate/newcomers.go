package gate

import (
	"context"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// crowdGate turns newcomers down while there is a crowd, before anything is done for them. Nothing is claimed: a later
// note of theirs, or the same one after a restart, has its chance.
func (r *Rule) crowdGate() Gate {
	return check{"crowd", func(ctx context.Context, c *Candidate) (Verdict, error) {
		if c.Event == nil || c.Queued || c.Backlog || r.wordOf(c) == wordStop {
			return skip(), nil
		}
		since, err := r.crowd.from(ctx)
		if err != nil || since.IsZero() {
			return skip(), err
		}
		if _, own, err := r.gates.opts.Identities.Find(ctx, c.Event.PubKey); err != nil || own {
			return skip(), err
		}
		stands, err := r.stands(ctx, c)
		if err != nil || stands == known {
			return skip(), err
		}
		return r.inCrowd(ctx, c, stands)
	}}
}

// inCrowd lets a newcomer pass whose turn it is.
func (r *Rule) inCrowd(ctx context.Context, c *Candidate, stands Standing) (Verdict, error) {
	reason, err := r.full(ctx, stands)
	if err != nil {
		return Verdict{}, err
	}
	if until := r.newcomersFrom(); reason == "" && r.now().Before(until) {
		reason = "newcomers have used up their part of the limit until " + until.UTC().Format(time.RFC3339)
	}
	switch {
	case reason != "":
	case stands == proven:
		return skip(), nil
	case !r.takeSeat():
		reason = "other newcomers are being answered"
	case !r.crowd.turn(r.newcomerPause()):
		<-r.seats
		reason = "it was another newcomer's turn"
	default:
		v := skip()
		v.Done = func(o engine.Outcome) {
			<-r.seats
			if o != engine.Fired {
				r.crowd.giveBack()
			}
		}
		return v, nil
	}
	if r.guardsLoops(c.Event) && r.crowd.ask() {
		r.profiles.Expect(ctx, c.Event.PubKey) // An old profile speaks for the next note.
	}
	return r.slowDown(ctx, reason), nil
}

// newcomerPause is the mean pause between two newcomers: as many as the shortest window of the rule lets pass.
func (r *Rule) newcomerPause() time.Duration {
	rates := r.rule.FloodStop
	if rates == nil {
		rates = engine.DefaultRuleFlood()
	}
	shortest := rates[0]
	for _, rate := range rates {
		if rate.Per < shortest.Per {
			shortest = rate
		}
	}
	return shortest.Per / time.Duration(newcomer.share([]engine.Rate{shortest})[0].Count)
}

// takeSeat takes one of the places in which newcomers are answered: one of the rule's places stays free of them.
func (r *Rule) takeSeat() bool {
	select {
	case r.seats <- struct{}{}:
		return true
	default:
		return false
	}
}

// newcomersFrom is until when newcomers have used up their part of the rule's rate.
func (r *Rule) newcomersFrom() time.Time { return time.Unix(0, r.newcomersUntil.Load()) }

// manyNewcomers is how many the rate of a rule turns away before they are a crowd.
const manyNewcomers = 50

// turnedAway counts newcomers whom the rate turns away until it lets the next one pass. When they are many, the others
// are turned down before anything is done for them.
func (r *Rule) turnedAway(ctx context.Context, free time.Time, reason string) {
	if r.newcomersUntil.Swap(free.UnixNano()) != free.UnixNano() {
		r.newcomersAway.Store(0)
	}
	if r.newcomersAway.Add(1) >= manyNewcomers {
		r.crowd.note(ctx, r.rule, r.dry, reason)
	}
}

// Ahead asks for the author of an event that waits for others, so that a crowd is looked up together. Only people who
// speak to the bot are: of other events too few meet the condition.
func (r *Rule) Ahead(ctx context.Context, e *nostr.Event) {
	stale := r.rule.MaxAge > 0 && r.now().Sub(e.CreatedAt.Time()) > r.rule.MaxAge
	if r.guardsLoops(e) && !stale && r.worthAsking(ctx) {
		r.profiles.Expect(ctx, e.PubKey)
	}
}

// worthAsking reports whether the relays may be asked for one more author: always, save in a crowd, where so many are
// asked for a second.
func (r *Rule) worthAsking(ctx context.Context) bool {
	since, err := r.crowd.from(ctx)
	return err == nil && (since.IsZero() || r.crowd.ask())
}
