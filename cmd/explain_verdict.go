package cmd

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"time"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/ledger/memory"
	"rhea/engine/rehearsal"
	"rhea/engine/relay"
	"rhea/engine/web"
)

type explainOptions struct {
	given
	state, format          string
	then, online, skipKeys bool
}

// verdict is what one rule makes of what it is shown.
type verdict struct {
	rehearsal.Outcome
	rule *engine.Rule
	// filled are the fields of the event that were made up.
	filled []string
	// recorded is the decision in the history; nil for none.
	recorded *engine.Decision
	// known is what expressions know as data.
	known map[string]any
}

// verdicts asks the rules, and puts the closest first.
func (a *app) verdicts(ctx context.Context, file *config.File, rules []engine.Rule, o explainOptions) (all []verdict, err error) {
	ids, err := a.identitiesOrFake(file, o.skipKeys)
	if err != nil {
		return nil, err
	}
	state, err := readState(statePath(file, o.state))
	if err != nil {
		return nil, failed(err)
	}
	defer func() { err = errors.Join(err, state.Close()) }()
	asking := relay.Options{Positions: memory.New(), Guard: guardRelays(namedRelays(file))}
	if !o.skipKeys {
		asking.Pubkey, asking.Signer = authAs(file, ids)
	}
	network := relay.New(asking)
	defer func() { err = errors.Join(err, network.Close()) }()
	shown, named, err := a.show(ctx, o.given, library{network, listening(rules), state})
	if err != nil {
		return nil, err
	}
	options := rehearsal.Options{Identities: ids, Start: time.Now(), State: state, Dry: true, Dir: filepath.Dir(file.Paths[0])}
	options.RelayLists = listsOf(file, ids, nil)
	if o.online || named {
		options.RelayLists = listsOf(file, ids, resolve())
		agent := web.UserAgent(Version, contact(file, ids))
		options.Source, options.HTTP = network, func(allowPrivate bool) *http.Client {
			return web.Client(web.Options{AllowPrivate: allowPrivate, UserAgent: agent})
		}
	}
	if !shown.At.IsZero() {
		options.Start = shown.At
	}
	for i := range rules {
		v, err := judge(ctx, rules[i], options, shown, state, o.then)
		if err != nil {
			return nil, failed(fmt.Errorf("rule %s: %w", rules[i].Name, err))
		}
		for _, one := range v {
			one.known = file.Data
			all = append(all, one)
		}
	}
	slices.SortStableFunc(all, func(a, b verdict) int { return distance(a) - distance(b) })
	return all, nil
}

// identitiesOrFake opens the keys, or makes some up.
func (a *app) identitiesOrFake(file *config.File, made bool) (map[string]engine.Identity, error) {
	if !made {
		return a.identities(file)
	}
	return rehearsal.FakeIdentities(file.Identities)
}

// listsOf returns where people publish and read, from the events that a sandbox knows.
func listsOf(file *config.File, ids map[string]engine.Identity, r resolver) func(engine.Source) engine.RelayLists {
	return func(source engine.Source) engine.RelayLists { return relayLists(file, ids, source, r) }
}

// distance is how far a rule was from firing.
func distance(v verdict) int {
	switch v.Outcome.Outcome {
	case engine.Fired, engine.DryRun:
		return 0
	case engine.NoMatch:
		return 100
	}
	return 50 - len(v.Gates)
}

// judge shows it to one rule.
func judge(ctx context.Context, rule engine.Rule, o rehearsal.Options, shown shown, state history, then bool) ([]verdict, error) {
	asked := rule
	asked.Disabled = false
	o.Rules = []engine.Rule{asked}
	sandbox := rehearsal.New(o)
	sample, filled, err := shown.sample(ctx, sandbox, asked)
	if m, ok := errors.AsType[*engine.Mismatch](err); ok {
		d := engine.Decision{At: o.Start, Rule: rule.Name, Outcome: engine.NoMatch, Reason: m.Reason}
		return []verdict{{Outcome: rehearsal.Outcome{Decision: d}, rule: &rule}}, nil
	}
	if err != nil {
		return nil, err
	}
	outcomes, err := sandbox.Show(ctx, rule.Name, sample)
	if err != nil {
		return nil, err
	}
	var all []verdict
	for _, outcome := range outcomes {
		recorded, err := state.recorded(ctx, rule.Name, outcome.Key)
		if err != nil {
			return nil, err
		}
		if then && recorded != nil {
			o.Start, o.State = recorded.At, before{state, rule.Name, recorded}
			if sample.Received != nil {
				sample.Received = &engine.Received{Event: sample.Received.Event, Relay: recorded.Relay, Verify: sample.Received.Verify}
			}
			again, err := rehearsal.New(o).Show(ctx, rule.Name, sample)
			if err != nil {
				return nil, err
			}
			outcome = again[0]
		}
		if outcome.Outcome == engine.DryRun && !rule.DryRun {
			outcome.Outcome = engine.Fired
		}
		all = append(all, verdict{Outcome: outcome, rule: &rule, filled: filled, recorded: recorded})
	}
	return all, nil
}
