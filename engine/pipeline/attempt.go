package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/gate"
)

// attempt is one signal on its way. The candidate is what gates see of it.
type attempt struct {
	gate.Candidate
	decision engine.Decision
	events   []nostr.Event
	owed     []engine.Delivery
	// counters are what the signal is counted under if it is answered.
	counters []string
	// notes are what is to be remembered of this decision.
	notes []string
	// remember are positions to store with an answer.
	remember []engine.Position
	// reply answers instead of the rule's actions.
	reply engine.Action
	// wait is what the signal has to wait for.
	wait *gate.Wait
	// held says that the rule does nothing for now, crowded that there are too many strangers, and unclaimed that what was
	// heard is stored without a claim.
	held, crowded, unclaimed bool
	// reserved is told whether what the budgets have reserved was committed.
	reserved func(committed bool)
	// done are told what became of the signal in the end, and leave gives back its locks.
	done  []func(engine.Outcome)
	leave []func()
	taken []taken
}

// taken is a key of a lock that the signal holds.
type taken struct {
	lock *keyLock
	key  string
}

// at says when the signal is looked at.
func (a *attempt) at(now time.Time) {
	a.Now, a.decision.At, engine.ScopeOf(a.Data).Now = now, now, now
}

// end gives back what the signal holds.
func (a *attempt) end() {
	for _, done := range a.done {
		done(a.decision.Outcome)
	}
	for _, leave := range a.leave {
		leave()
	}
}

// take waits for a key that nobody else holds until the signal is stored.
func (a *attempt) take(ctx context.Context, lock *keyLock, key string) error {
	if slices.Contains(a.taken, taken{lock, key}) {
		return nil
	}
	leave, err := lock.enter(ctx, key)
	if err != nil {
		return err
	}
	a.leave, a.taken = append(a.leave, leave), append(a.taken, taken{lock, key})
	return nil
}

func (a *attempt) stop(o engine.Outcome, reason string) {
	a.decision.Outcome, a.decision.Reason = o, reason
	a.decision.Published, a.events, a.owed = nil, nil, nil
}

// fault ends the signal with what one of its expressions got wrong. It returns the error when that is ours.
func (a *attempt) fault(o engine.Outcome, err error, where string) error {
	if errors.Is(err, engine.ErrBusy) {
		return err
	}
	a.stop(o, where+err.Error())
	return nil
}

// stopped reports whether something has decided what becomes of the signal.
func (a *attempt) stopped() bool { return a.decision.Outcome != "" }

// waitsOn reports whether a signal that has waited must wait on.
func (a *attempt) waitsOn() bool { return a.Queued && (a.wait != nil || a.held) }

// count has the signal counted under counters that it is not counted under yet.
func (a *attempt) count(counters []string) {
	for _, counter := range counters {
		if !slices.Contains(a.counters, counter) {
			a.counters = append(a.counters, counter)
		}
	}
}

// actAs notes whom the signal is answered as.
func (a *attempt) actAs(id engine.Identity, path string) {
	a.As, a.Path = id, path
	engine.ScopeOf(a.Data).Bot = botOf(id)
}

// speaks reports whether one of the events is by the derived identity of the signal.
func (a *attempt) speaks() bool {
	return a.Path != "" && slices.ContainsFunc(a.events, func(e nostr.Event) bool { return e.PubKey == a.As.Signer.PublicKey() })
}

func botOf(id engine.Identity) engine.Bot {
	return engine.Bot{Pubkey: id.Signer.PublicKey(), Npub: id.Npub, Name: id.Name}
}

// namesBot reports whether an expression of the rule names the identity that it acts as.
func namesBot(r *engine.Rule) bool {
	return r.Uses["bot"] || r.Uses["bot.pubkey"] || r.Uses["bot.npub"] || r.Uses["bot.name"]
}

// written is the form of a signal, with what w says of one that failed.
func (a *attempt) written(w engine.StoredSignal) (string, error) {
	w.Trigger, w.At, w.Time, w.Event, w.Relay = a.decision.Trigger, a.Now, a.Time, a.Event, a.Relay
	w.Thread, w.Group, w.Path = a.Thread, a.Group, a.Path
	if d, ok := a.Data.(engine.Titled); ok {
		w.Title, _ = d.Title()
	}
	var err error
	if w.Data, err = json.Marshal(a.Data); err != nil {
		return "", fmt.Errorf("writing down what waits: %w", err)
	}
	text, err := json.Marshal(w)
	return string(text), err
}
