package gate

import (
	"context"
	"sync"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// Rule is the gates of one rule. They are made for its first signal: of ten thousand rules most wait for theirs.
type Rule struct {
	facts facts
	once  sync.Once
	made  *parts
}

// parts are the gates of a rule, and what they share.
type parts struct {
	words     *words
	newcomers *newcomers
	limits    *limits
	holds     *holds
	budgets   *budgets
	tables    tables
}

func (r *Rule) parts() *parts {
	r.once.Do(func() { r.made = newParts(&r.facts) })
	return r.made
}

func newParts(f *facts) *parts {
	answers, words, strangers, holds := &answers{f}, &words{f}, &strangers{f}, &holds{f}
	standings, patience := &standings{f, answers}, &patience{f, answers}
	g := &parts{words: words, holds: holds, budgets: &budgets{f, standings, strangers, holds}}
	g.newcomers = &newcomers{
		facts: f, standings: standings, strangers: strangers, words: words, seats: make(chan struct{}, max(f.rule.Concurrency-1, 1)),
	}
	g.limits = &limits{f, answers, standings, g.newcomers, patience}
	g.tables = newTables(g, f, patience, &optOuts{f, answers, words, g.limits, holds})
	return g
}

// tables are the gates of a rule in the order in which they are asked, cheapest first. Built once.
type tables struct{ door, usual, stopWord, released, offered []Gate }

func newTables(g *parts, f *facts, p *patience, o *optOuts) tables {
	hold, optOut, confirm := g.holds.holdGate(), o.optOutGate(), o.confirmGate()
	age, expired := ageGate(f), expirationGate(f)
	self, duplicate := selfGate(f), duplicateGate(f)
	early := []Gate{hold, age, expired, self, duplicate}
	late := []Gate{
		prepareGate(), conditionGate(f), signatureGate(f), loopGate(f), actorGate(f), p.patienceGate(), g.limits.limitGate(),
	}
	if f.rule.OptOut != nil {
		early = append(early, optOut, confirm)
	} else {
		// Nobody speaks to this rule, but people may have spoken to another one of the identity.
		late = append(late, optOut, confirm)
	}
	late = append(late, muteListGate(f))
	then := func(first ...Gate) []Gate { return append(first, late...) }
	return tables{
		door:  []Gate{sizeGate(), g.newcomers.crowdGate()},
		usual: then(early...),
		// Whoever says stop is heard also when the rule is held, and when the bot was away for longer than max_age.
		stopWord: then(self, duplicate, optOut, confirm, hold, age, expired),
		// What has waited has passed the gates before, and holds its claim.
		released: then(hold, expired, optOut, confirm),
		offered:  then(hold, age, expired, optOut, confirm),
	}
}

// Door returns the gates that are asked before a signal takes its turn.
func (r *Rule) Door() []Gate { return r.parts().tables.door }

// Inside returns the gates that a candidate must pass when it is its turn.
func (r *Rule) Inside(c *Candidate) []Gate {
	g := r.parts()
	switch {
	case c.Queued && !c.Offered.IsZero():
		return g.tables.offered
	case c.Queued:
		return g.tables.released
	case !c.Backlog && g.words.wordOf(c) != "":
		return g.tables.stopWord
	}
	return g.tables.usual
}

// Actor finds the identity that a signal is answered as, and the path that it is derived at, "" for the rule's own.
func (r *Rule) Actor(s *engine.Signal) (id engine.Identity, path string, err error) {
	return actor(&r.facts, s)
}

// Held returns what to say when the rule is held, "" when it is not.
func (r *Rule) Held(ctx context.Context) (string, error) { return r.parts().holds.reason(ctx) }

// Blocking returns the first counter that holds a waiting signal up, and until when, zero when others stand before it.
func (r *Rule) Blocking(ctx context.Context, c *Candidate, before map[string]bool) (counter string, free time.Time, err error) {
	return r.parts().limits.blocking(ctx, c, before)
}

// First returns the first counter that the answers to a signal are counted under, "" for none.
func (r *Rule) First(c *Candidate) string { return r.parts().limits.first(c) }

// Begin notes that a signal is about to be stored that is counted under some counters. What it returns must be called with
// whether it was, before the locks of the signal are given back.
func (r *Rule) Begin(counters []string) (done func(committed bool)) {
	return r.facts.gates.answers.commit(counters)
}

// Ahead asks for the author of an event that waits for others, so that a crowd is looked up together.
func (r *Rule) Ahead(ctx context.Context, e *nostr.Event) { r.parts().newcomers.ahead(ctx, e) }

// Reserve is asked last before the commit: it counts the events of the signal, or stops the signal because they would be a
// flood or a repetition. Reply says that they answer a word to the bot.
func (r *Rule) Reserve(ctx context.Context, c *Candidate, events []nostr.Event, reply bool) (Reservation, error) {
	return r.parts().budgets.ask(ctx, c, events, reply)
}
