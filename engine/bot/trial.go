package bot

import (
	"slices"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// trial is one signal on its way through the corridor.
type trial struct {
	engine.Signal
	now      time.Time
	decision engine.Decision
	events   []nostr.Event
	owed     []engine.Delivery
	// marks are what the limits will count, and leave gives back the turns under them.
	marks []string
	leave []func()
	// notes are what actions want remembered of this decision.
	notes []string
	// identity is whom the signal is answered as, once that is known; path is what it was derived at, "" for the rule's
	// own identity.
	identity engine.Identity
	path     string
	// remember are positions to store with an answer.
	remember []engine.Position
	// steps are to run instead of the rule's.
	steps []engine.Step
	// read is what was counted last for a limit.
	read tally
	// wait is the form in which the signal is to wait, blocked the mark it waits for, and free until when, if that is
	// known; waited says that it has waited.
	wait    string
	blocked string
	free    time.Time
	waited  bool
	// again says that it failed before and its condition is asked once more.
	again bool
	// offered is when it was offered again because the rule had changed; it is then judged as if it were new.
	offered time.Time
	// proved says that the signature of the event was checked, held that the rule does nothing for now.
	proved, held bool
	// stands is what speaks for the author, once that was asked; nil before. crowded says that the signal was turned down
	// because of a crowd, turn that it has taken a newcomer's turn in one.
	stands        *standing
	crowded, turn bool
	// silent says that what was heard is stored without a claim.
	silent bool
}

// settled reports whether the outcome is remembered under the signal's key. What a feed or a schedule says is
// dealt with whatever the verdict; a stranger's event only once its signature was checked.
func (t *trial) settled() bool {
	if t.silent {
		return false
	}
	if t.waited {
		return true // It was checked before it began to wait.
	}
	switch t.decision.Outcome {
	case engine.Duplicate:
		return false
	case engine.Fired, engine.DryRun, engine.ActionError:
		return true // The signature was checked by then.
	case engine.Loop, engine.RateLimited:
		return t.Event == nil || t.Verify == nil || t.proved
	}
	return t.Event == nil
}

// counted are the marks of a signal that was answered; others do not count against a limit.
func (t *trial) counted() []string {
	switch t.decision.Outcome {
	case engine.Fired, engine.DryRun, engine.ActionError:
		return t.marks
	}
	return nil
}

// drew returns the positions that a run which published something, or would have, leaves behind: how far it took its
// cycles, and what it said about its identity.
func (t *trial) drew() []engine.Position {
	switch t.decision.Outcome {
	case engine.Fired, engine.DryRun:
		return slices.Concat(engine.ScopeOf(t.Data).Cycles(), t.remember)
	}
	return nil
}
