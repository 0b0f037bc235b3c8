package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// A gate lets a signal pass or stops it with an outcome and a reason. Gates are asked in order, cheapest first;
// the first one to stop a signal ends its way. An error is ours, not the signal's: it will be emitted again.
type gate struct {
	name string
	// applies says whether there is anything to ask.
	applies func(r *runner, t *trial) bool
	ask     func(r *runner, ctx context.Context, t *trial) (engine.Outcome, string, error)
}

// pass is the outcome of a gate that does not stop the signal.
const pass engine.Outcome = ""

// ageGates and knownGates are the corridor in reading order, before anything is fetched.
func ageGates() []gate {
	age := gate{"age", func(r *runner, t *trial) bool { return t.Backlog || r.rule.MaxAge > 0 }, (*runner).ageGate}
	return append([]gate{age}, useGates()...)
}

// useGates also stop what has waited.
func useGates() []gate {
	return []gate{{
		"expiration", func(_ *runner, t *trial) bool { return t.Event != nil && !engine.Expiration(t.Event).IsZero() }, (*runner).expirationGate,
	}}
}

func knownGates() []gate {
	return []gate{
		{"self", func(_ *runner, t *trial) bool { return t.Event != nil }, (*runner).selfGate},
		{"duplicate", func(*runner, *trial) bool { return true }, (*runner).duplicateGate},
	}
}

// lateGates come after what they look at was fetched. The condition is pure, so it may look at an event whose
// signature is not checked yet; nothing is claimed or sent before it is.
func lateGates() []gate {
	return []gate{
		{"condition", func(r *runner, t *trial) bool { return len(r.rule.If) > 0 && (!t.waited || t.again) }, (*runner).conditionGate},
		{"signature", func(_ *runner, t *trial) bool { return t.Verify != nil }, (*runner).signatureGate},
		{"loop", func(r *runner, t *trial) bool { return r.guardsLoops(t.Event) }, (*runner).loopGate},
		{"identity", func(r *runner, t *trial) bool { return r.rule.Derived != nil && t.path == "" }, (*runner).identityGate},
		{"patience", (*runner).patient, (*runner).patienceGate},
		{"limit", func(r *runner, t *trial) bool { return len(r.allowances(t)) > 0 }, (*runner).limitGate},
	}
}

// ask sends the signal through the gates.
func (r *runner) ask(ctx context.Context, t *trial) (bool, error) {
	for _, ask := range r.early(t) {
		if passed, err := ask(ctx, t); !passed {
			return false, err
		}
	}
	if t.Prepare != nil {
		t.Prepare(ctx)
	}
	if err := ctx.Err(); err != nil {
		return false, err
	}
	if passed, err := r.askAll(ctx, t, lateGates()); !passed {
		return false, err
	}
	if r.rule.OptOut == nil {
		// Nobody speaks to this rule, but people may have spoken to another one of the identity.
		if passed, err := r.optOut(ctx, t); !passed {
			return false, err
		}
	}
	return !r.muted(ctx, t), ctx.Err()
}

// question is something to ask about a signal.
type question func(context.Context, *trial) (passed bool, err error)

// early is what is asked before anything is fetched. What has waited has passed the gates, and holds its claim. Whoever
// says stop is heard also when the rule is held, and when the bot was away for longer than max_age.
func (r *runner) early(t *trial) []question {
	age := func(ctx context.Context, t *trial) (bool, error) { return r.askAll(ctx, t, ageGates()) }
	known := func(ctx context.Context, t *trial) (bool, error) { return r.askAll(ctx, t, knownGates()) }
	switch {
	case t.waited && !t.offered.IsZero():
		return []question{r.holdGate, age, r.optOut}
	case t.waited:
		use := func(ctx context.Context, t *trial) (bool, error) { return r.askAll(ctx, t, useGates()) }
		return []question{r.holdGate, use, r.optOut}
	case !t.Backlog && r.wordOf(t) != "":
		return []question{known, r.optOut, r.holdGate, age}
	case r.rule.OptOut == nil:
		return []question{r.holdGate, age, known}
	}
	return []question{r.holdGate, age, known, r.optOut}
}

// holdGate stops everything while the rule is held. It leaves no verdict on a rule that is not.
func (r *runner) holdGate(ctx context.Context, t *trial) (bool, error) {
	reason, err := r.held(ctx)
	if err == nil && reason != "" {
		t.hold(reason)
	}
	return err == nil && reason == "", err
}

// askAll asks gate after gate and records every verdict.
func (r *runner) askAll(ctx context.Context, t *trial, gates []gate) (bool, error) {
	for _, g := range gates {
		if !g.applies(r, t) {
			continue
		}
		outcome, detail, err := g.ask(r, ctx, t)
		if err != nil {
			return false, err
		}
		t.decision.Gates = append(t.decision.Gates, engine.Verdict{Gate: g.name, Pass: outcome == pass, Detail: detail})
		if outcome != pass {
			t.stop(outcome, detail)
			return false, nil
		}
	}
	return true, nil
}

func (t *trial) stop(o engine.Outcome, reason string) {
	t.decision.Outcome, t.decision.Reason = o, reason
	t.decision.Published, t.events, t.owed = nil, nil, nil
}

// hold turns the signal down because its rule does nothing for now.
func (t *trial) hold(reason string) {
	t.held = true
	t.decision.Gates = append(t.decision.Gates, engine.Verdict{Gate: "hold", Detail: reason})
	t.stop(engine.RateLimited, reason)
}

func (r *runner) ageGate(_ context.Context, t *trial) (engine.Outcome, string, error) {
	if t.Backlog {
		return engine.TooOld, "was there before the rule first ran", nil
	}
	asked := t.now
	if !t.offered.IsZero() {
		asked = t.offered // What waits for its turn since then does not grow older.
	}
	age := asked.Sub(t.Time).Round(time.Second)
	if age > r.rule.MaxAge {
		return engine.TooOld, fmt.Sprintf("%s old, max_age is %s", engine.Duration(age), engine.Duration(r.rule.MaxAge)), nil
	}
	return pass, "", nil
}

// expirationGate stops what its author wants to be gone by now (NIP-40).
func (r *runner) expirationGate(_ context.Context, t *trial) (engine.Outcome, string, error) {
	if engine.Expired(t.Event, t.now) {
		return engine.TooOld, "it expired at " + engine.Expiration(t.Event).UTC().Format(time.RFC3339), nil
	}
	return pass, "", nil
}

func (r *runner) selfGate(ctx context.Context, t *trial) (engine.Outcome, string, error) {
	_, own, err := r.engine.Identities.Find(ctx, t.Event.PubKey)
	if err != nil {
		return pass, "", err
	}
	if own {
		return engine.Self, "written by an identity of this configuration", nil
	}
	return pass, "", nil
}

func (r *runner) duplicateGate(ctx context.Context, t *trial) (engine.Outcome, string, error) {
	seen, err := r.ledger.Seen(ctx, r.rule.Name, t.Key)
	if err != nil {
		return pass, "", fmt.Errorf("looking up %s: %w", t.Key, err)
	}
	if seen {
		return engine.Duplicate, "", nil
	}
	return pass, "", nil
}

func (r *runner) conditionGate(ctx context.Context, t *trial) (engine.Outcome, string, error) {
	for i, c := range r.rule.If {
		ok, err := patiently(ctx, r, t, c.Eval)
		if errors.Is(err, engine.ErrBusy) || ctx.Err() != nil {
			return pass, "", cmp.Or(ctx.Err(), err)
		}
		if err != nil {
			return engine.ConditionError, err.Error(), nil
		}
		if !ok {
			return engine.ConditionFalse, conditionName(r.rule.If, i), nil
		}
	}
	return pass, "", nil
}

func conditionName(all []engine.Condition, i int) string {
	if len(all) == 1 {
		return all[i].Source()
	}
	return fmt.Sprintf("condition %d: %s", i+1, all[i].Source())
}

func (r *runner) signatureGate(ctx context.Context, t *trial) (engine.Outcome, string, error) {
	if r.guardsLoops(t.Event) {
		r.profiles.Expect(ctx, t.Event.PubKey) // The relays answer while the signature is checked.
	}
	if err := t.Verify(); err != nil {
		return engine.BadSignature, err.Error(), nil
	}
	t.proved = true
	return pass, "", nil
}

// identityGate derives the identity that answers. It comes after the signature, unless an expression names the identity:
// a forged event is not worth a key.
func (r *runner) identityGate(_ context.Context, t *trial) (engine.Outcome, string, error) {
	err := r.identify(t)
	if errors.Is(err, engine.ErrBusy) {
		return pass, "", err
	}
	if err != nil {
		return engine.ConditionError, err.Error(), nil
	}
	return pass, t.identity.Npub, nil
}

// guardsLoops reports whether it matters that the author of an event may be a bot.
func (r *runner) guardsLoops(e *nostr.Event) bool {
	return e != nil && !r.rule.AllowBots && r.profiles != nil
}

// ahead asks for the author of an event that waits for others, so that a crowd is looked up together. Only people who
// speak to the bot are: of other events too few meet the condition.
func (r *runner) ahead(ctx context.Context, e *nostr.Event) {
	stale := r.rule.MaxAge > 0 && r.engine.Clock.Now().Sub(e.CreatedAt.Time()) > r.rule.MaxAge
	if r.guardsLoops(e) && !stale && r.worthAsking(ctx) {
		r.profiles.Expect(ctx, e.PubKey)
	}
}

// loopPatience is how long an answer waits until a relay says something about the author.
const loopPatience = 15 * time.Second

// loopGate stops bots from answering bots: two of them would go on for ever. It waits for the first relay that knows the
// author's profile or says that it does not. When none answers, the author counts as a person: the limits still hold,
// and a relay that keeps silent must not silence the bot.
func (r *runner) loopGate(ctx context.Context, t *trial) (engine.Outcome, string, error) {
	profile, _, err := r.profiles.Find(ctx, t.Event.PubKey, loopPatience)
	switch {
	case ctx.Err() != nil:
		return pass, "", ctx.Err()
	case err != nil:
		return pass, "no relay could say whether the author is a bot", nil
	case profile.Bot:
		return engine.Loop, "the author's profile says that it is a bot", nil
	}
	return pass, "", nil
}
