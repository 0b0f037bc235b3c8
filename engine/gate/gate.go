package gate

import (
	"context"
	"time"

	"rhea/engine"
)

// Verdict is what a gate says of a candidate. The zero value is none: it stops the signal.
type Verdict struct {
	// Outcome is Pass, Skip, or what becomes of a signal that is stopped.
	Outcome engine.Outcome
	// Reason says why, or what was found.
	Reason string
	// Count are the counters that the signal is counted under if it is answered.
	Count []string
	// Store, when set, is stored with the claim; Unclaimed says that it is stored without one, whoever hears the signal
	// again finds that it was heard.
	Store     *engine.Position
	Unclaimed bool
	// Wait, when set, has the signal wait in the queue of its rule.
	Wait *Wait
	// Reply, when set, answers instead of the rule's actions.
	Reply engine.Action
	// Proved says that the signature was checked.
	Proved bool
	// As and Path are whom the signal is answered as, where the gate found that out.
	As   engine.Identity
	Path string
	// Held says that the rule does nothing for now, Crowded that there are more strangers than may be answered. Their
	// beginning was told.
	Held, Crowded bool
	// Done, when set, is told what became of the signal in the end.
	Done func(engine.Outcome)
}

// Wait is what a signal waits for.
type Wait struct {
	// Counter is the limit that is used up, and Free when the next signal under it is allowed; zero when others wait before.
	Counter string
	Free    time.Time
}

// Outcomes of gates that do not stop a signal. Skip leaves nothing in the history: there was nothing to ask.
const (
	Pass engine.Outcome = "pass"
	Skip engine.Outcome = "skip"
)

// Gate lets a signal pass or stops it.
type Gate interface {
	// Name is the gate's in the history.
	Name() string
	// Locks are keys that nobody else holds from before the gate looks until the signal is stored. Strangers choose some
	// of them, so they begin with the gate's name.
	Locks(c *Candidate) []string
	// Check looks at a candidate. An error is ours, not the signal's: it will be emitted again.
	Check(ctx context.Context, c *Candidate) (Verdict, error)
}

// check is a gate without locks.
type check struct {
	name string
	ask  func(ctx context.Context, c *Candidate) (Verdict, error)
}

func (g check) Name() string { return g.name }

func (g check) Locks(*Candidate) []string { return nil }

func (g check) Check(ctx context.Context, c *Candidate) (Verdict, error) { return g.ask(ctx, c) }

// locked is a gate with locks.
type locked struct {
	check
	locks func(c *Candidate) []string
}

func (g locked) Locks(c *Candidate) []string { return g.locks(c) }

func pass(detail string) Verdict { return Verdict{Outcome: Pass, Reason: detail} }

func skip() Verdict { return Verdict{Outcome: Skip} }

func stop(outcome engine.Outcome, reason string) Verdict {
	return Verdict{Outcome: outcome, Reason: reason}
}
