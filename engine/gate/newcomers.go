package gate

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// newcomers lets strangers in while there is a crowd.
type newcomers struct {
	facts     *facts
	standings *standings
	strangers *strangers
	words     *words
	// seats are the slots that newcomers may take, and newcomersUntil is until when they have used up their part of the
	// rate, in nanoseconds since 1970.
	seats          chan struct{}
	newcomersUntil atomic.Int64
	// newcomersAway counts whom the rate has turned away until then.
	newcomersAway atomic.Int64
}

// crowdGate turns newcomers down while there is a crowd, before anything is done for them. Nothing is claimed: a later
// note of theirs, or the same one after a restart, has its chance.
func (r *newcomers) crowdGate() Gate {
	return check{"crowd", func(ctx context.Context, c *Candidate) (Verdict, error) {
		if c.Event == nil || c.Queued || c.Backlog || r.words.wordOf(c) == wordStop {
			return skip(), nil
		}
		since, err := r.facts.crowd.from(ctx)
		if err != nil || since.IsZero() {
			return skip(), err
		}
		if _, own, err := r.facts.gates.opts.Identities.Find(ctx, c.Event.PubKey); err != nil || own {
			return skip(), err
		}
		stands, err := r.standings.stands(ctx, c)
		if err != nil || stands == known {
			return skip(), err
		}
		return r.inCrowd(ctx, c, stands)
	}}
}

// inCrowd lets a newcomer pass whose turn it is.
func (r *newcomers) inCrowd(ctx context.Context, c *Candidate, stands Standing) (Verdict, error) {
	reason, err := r.strangers.full(ctx, stands)
	if err != nil {
		return Verdict{}, err
	}
	if until := r.newcomersFrom(); reason == "" && r.facts.now().Before(until) {
		reason = "newcomers have used up their part of the limit until " + until.UTC().Format(time.RFC3339)
	}
	switch {
	case reason != "":
	case stands == proven:
		return skip(), nil
	case !r.takeSeat():
		reason = "other newcomers are being answered"
	case !r.facts.crowd.turn(r.newcomerPause()):
		<-r.seats
		reason = "it was another newcomer's turn"
	default:
		v := skip()
		v.Done = func(o engine.Outcome) {
			<-r.seats
			if o != engine.Fired {
				r.facts.crowd.giveBack()
			}
		}
		return v, nil
	}
	if r.facts.guardsLoops(c.Event) && r.facts.crowd.ask() {
		r.facts.profiles.Expect(ctx, c.Event.PubKey) // An old profile speaks for the next note.
	}
	return r.strangers.slowDown(ctx, reason), nil
}

// newcomerPause is the mean pause between two newcomers: as many as the shortest window of the rule lets pass.
func (r *newcomers) newcomerPause() time.Duration {
	rates := r.facts.rule.FloodStop
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
func (r *newcomers) takeSeat() bool {
	select {
	case r.seats <- struct{}{}:
		return true
	default:
		return false
	}
}

// newcomersFrom is until when newcomers have used up their part of the rule's rate.
func (r *newcomers) newcomersFrom() time.Time { return time.Unix(0, r.newcomersUntil.Load()) }

// manyNewcomers is how many the rate of a rule turns away before they are a crowd.
const manyNewcomers = 50

// turnedAway counts newcomers whom the rate turns away until it lets the next one pass. When they are many, the others
// are turned down before anything is done for them.
func (r *newcomers) turnedAway(ctx context.Context, free time.Time, reason string) {
	if r.newcomersUntil.Swap(free.UnixNano()) != free.UnixNano() {
		r.newcomersAway.Store(0)
	}
	if r.newcomersAway.Add(1) >= manyNewcomers {
		r.facts.crowd.note(ctx, r.facts.rule, r.facts.dry, reason)
	}
}

// ahead asks for the author of an event that waits for others, so that a crowd is looked up together. Only people who
// speak to the bot are: of other events too few meet the condition.
func (r *newcomers) ahead(ctx context.Context, e *nostr.Event) {
	stale := r.facts.rule.MaxAge > 0 && r.facts.now().Sub(e.CreatedAt.Time()) > r.facts.rule.MaxAge
	if r.facts.guardsLoops(e) && !stale && r.worthAsking(ctx) {
		r.facts.profiles.Expect(ctx, e.PubKey)
	}
}

// worthAsking reports whether the relays may be asked for one more author: always, save in a crowd, where so many are
// asked for a second.
func (r *newcomers) worthAsking(ctx context.Context) bool {
	since, err := r.facts.crowd.from(ctx)
	return err == nil && (since.IsZero() || r.facts.crowd.ask())
}
