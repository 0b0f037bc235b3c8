package gate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// Reservation is what the budgets of a rule say of the events of a signal.
type Reservation struct {
	// Gate names who stops the signal, and Verdict says why. It passes when it may be published.
	Gate    string
	Verdict Verdict
	// Counters are what the events are counted under, each as often as it counts.
	Counters []string
	// Done, never nil, turns what was reserved into what counts, or takes it back.
	Done func(committed bool)
}

func turnedDown(gate string, v Verdict) Reservation {
	return Reservation{Gate: gate, Verdict: v, Done: func(bool) {}}
}

// budgets hold what a rule publishes within its bounds.
type budgets struct {
	facts     *facts
	standings *standings
	strangers *strangers
	holds     *holds
}

// ask counts the events of a signal, or stops the signal because they would be a flood or a repetition. Reply says that
// they answer a word to the bot.
func (r *budgets) ask(ctx context.Context, c *Candidate, events []nostr.Event, reply bool) (Reservation, error) {
	if _, err := r.standings.stands(ctx, c); err != nil {
		return Reservation{}, err
	}
	began := r.facts.now()
	// While this signal was on its way another one may have held the rule.
	if v, err := r.holds.held(ctx); err != nil || v.Outcome != Skip {
		return turnedDown("hold", v), err
	}
	prints := r.fingerprints(c, events)
	if !r.facts.gates.repeats.publish(prints) {
		return turnedDown("repeat", stop(engine.RateLimited, "the same is being published")), nil
	}
	reserved, err := r.reserve(ctx, c, events, reply, prints, began)
	if err != nil || reserved.Verdict.Outcome != Pass || r.facts.dry {
		r.facts.gates.repeats.settle(prints, false, r.facts.now())
	}
	return reserved, err
}

func (r *budgets) reserve(
	ctx context.Context, c *Candidate, events []nostr.Event, reply bool, prints []fingerprint, began time.Time,
) (Reservation, error) {
	f := r.facts.gates.floods
	if reason, err := r.repeated(ctx, prints); err != nil || reason != "" {
		return turnedDown("repeat", stop(engine.RateLimited, reason)), err
	}
	budgets, err := r.budgets(ctx, c, events, reply)
	if err != nil {
		return Reservation{}, err
	}
	var over *excess
	var held bool
	var at time.Time
	counters := countersOf(budgets)
	err = f.locked(ctx, r.facts.rule.Name, budgets, func(counts []*window, since time.Time) {
		held = !since.Before(began)
		if over = f.over(budgets, counts, since); over == nil && !r.facts.dry { // What is not published does not count.
			at = f.windows.begin(counters)
		}
	})
	if err != nil {
		return Reservation{}, err
	}
	if over != nil {
		return turnedDown("flood", r.overBudget(ctx, over, reply)), nil
	}
	if held { // The budgets count from a hold that came after the first look.
		if v, err := r.holds.held(ctx); err != nil || v.Outcome != Skip {
			if !r.facts.dry {
				f.windows.settle(counters, at, false)
			}
			return turnedDown("hold", v), err
		}
	}
	v := pass("")
	if c.Event != nil {
		v.Count = []string{r.facts.counter("author", c.Event.PubKey)} // So that it is known that they were answered.
	}
	if r.facts.dry {
		return turnedDown("flood", v), nil
	}
	var said []string
	for _, p := range prints {
		if !p.answer {
			said = append(said, p.counter)
		}
	}
	return Reservation{"flood", v, slices.Concat(counters, said), func(committed bool) {
		f.windows.settle(counters, at, committed)
		r.facts.gates.repeats.settle(prints, committed, r.facts.now())
	}}, nil
}

// countersOf names each counter as often as it counts.
func countersOf(budgets []budget) (counters []string) {
	for _, b := range budgets {
		counters = append(counters, slices.Repeat([]string{b.counter}, b.n)...)
	}
	return counters
}

// overBudget turns a signal down that would exceed a budget. What strangers set off slows down; all else is held.
func (r *budgets) overBudget(ctx context.Context, over *excess, reply bool) Verdict {
	switch {
	case reply:
		return stop(engine.RateLimited, "too many say so to be told that it was heard")
	case over.strangers:
		return r.strangers.slowDown(ctx, over.reason)
	case !r.facts.dry:
		r.facts.gates.floods.hold(ctx, r.facts.rule.Name, over, r.facts.now())
	}
	return stop(engine.RateLimited, over.reason)
}

// budgets lists what the events of a signal are counted under. Reply says that they answer a word to the bot.
func (r *budgets) budgets(ctx context.Context, c *Candidate, events []nostr.Event, reply bool) ([]budget, error) {
	if reply {
		return []budget{{counter: floodCounter("words", r.facts.pubkey()), most: wordFlood(), n: len(events), strangers: true}}, nil
	}
	stands := known
	if c.standing != nil {
		stands = *c.standing
	}
	all := r.strangers.strangersBudgets(stands, len(events))
	if c.Event == nil {
		all = []budget{{counter: floodCounter("rule", r.facts.rule.Name), most: r.strangers.floodStop(), n: len(events), rules: []string{r.facts.rule.Name}}}
		all[0].surge = r.facts.rule.FloodStop == nil && !c.Planned
	}
	by := make(map[string]int)
	for _, e := range events {
		by[e.PubKey]++
	}
	for _, pubkey := range slices.Sorted(maps.Keys(by)) {
		b := budget{counter: floodCounter("identity", pubkey), most: engine.DefaultIdentityFlood(), n: by[pubkey], strangers: c.Event != nil}
		id, ok, err := r.facts.gates.opts.Identities.Find(ctx, pubkey)
		if err != nil {
			return nil, err
		}
		if ok && id.FloodStop != nil {
			b.most = id.FloodStop
		}
		b.rules = r.facts.gates.speaking[pubkey]
		if !slices.Contains(b.rules, r.facts.rule.Name) {
			b.rules = append(slices.Clone(b.rules), r.facts.rule.Name)
		}
		all = append(all, b)
	}
	return all, nil
}

// fingerprints returns what the events say that must not be said again soon. What the operator planned to say at a time of
// its own may be the same each time, unless the rule says otherwise.
func (r *budgets) fingerprints(c *Candidate, events []nostr.Event) []fingerprint {
	if c.Planned && !r.facts.rule.RepeatPlanned || r.facts.rule.RepeatAfter == 0 {
		return nil
	}
	var prints []fingerprint
	for _, e := range events {
		if !engine.IsRegular(e.Kind) {
			continue
		}
		p := fingerprint{fingerprintOf(e), c.Event != nil && e.Tags.FindWithValue("e", c.Event.ID) != nil}
		if !slices.Contains(prints, p) { // One answer may say a thing twice, such as to two relays.
			prints = append(prints, p)
		}
	}
	return prints
}

// repeated says when one of the fingerprints was published within the rule's span, "" when none was.
func (r *budgets) repeated(ctx context.Context, prints []fingerprint) (string, error) {
	now := r.facts.now()
	for _, p := range prints {
		last, err := r.facts.gates.repeats.last(ctx, p, now.Add(-r.facts.rule.RepeatAfter), now)
		if err != nil {
			return "", fmt.Errorf("looking up what was said: %w", err)
		}
		if !last.IsZero() {
			return fmt.Sprintf("the same was published at %s, repeat_after is %s",
				last.UTC().Format(time.RFC3339), engine.Duration(r.facts.rule.RepeatAfter)), nil
		}
	}
	return "", nil
}
