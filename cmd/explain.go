package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/ledger/memory"
	"rhea/engine/rehearsal"
	"rhea/engine/relay"
	"rhea/engine/web"
)

func (a *app) explain() *cobra.Command {
	var o explainOptions
	c := &cobra.Command{
		Use:   "explain [RULE]",
		Short: "Say why a rule would or would not fire",
		Long: "Say gate by gate what a rule makes of an event, an item of a feed or a planned time, with the value of\n" +
			"every part of its condition, and what it would publish and where. Without RULE, all rules are asked and\n" +
			"the closest one comes first. Nothing is sent or stored; the state file is read, so that what was\n" +
			"answered already is told. With --then, it is judged as at the time that the history tells of.",
		Example: "  rhea explain greet --event nevent1…\n  rhea explain --event '{\"content\": \"hello\"}'\n" +
			"  rhea explain blog --item '{title: Hello, link: https://blog.example/1}'\n" +
			"  rhea explain meetup --at 2026-03-05T18:00:00+01:00",
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if o.format != "text" && o.format != "json" {
				return usage("--format: %q is neither text nor json", o.format)
			}
			file, err := a.load()
			if err != nil {
				return err
			}
			rules := file.Rules
			if len(args) == 1 {
				rule, ok := file.Rule(args[0])
				if !ok {
					return usage("there is no rule %s; there is %s", args[0], ruleNames(file))
				}
				rules = []engine.Rule{*rule}
			}
			verdicts, err := a.verdicts(c.Context(), file, rules, o)
			if err != nil {
				return err
			}
			if o.format == "json" {
				var b strings.Builder
				err := writeVerdicts(&b, verdicts)
				if err == nil {
					_, err = io.WriteString(a.Out, b.String())
				}
				return failed(err)
			}
			return failed(a.printVerdicts(verdicts))
		},
	}
	flags := c.Flags()
	flags.StringVar(&o.event, "event", "", "an event: JSON, whole or in part, a file, - for standard input, or an id (nevent1…, note1…, hex, or how one of the history begins) that relays are asked for")
	flags.StringVar(&o.item, "item", "", "an item of a feed, as YAML or JSON: {title: Hello}; or a file with one")
	flags.StringVar(&o.at, "at", "", "a planned time, such as 2026-03-05T18:00:00+01:00; for events and items, the time of the judgement")
	flags.StringVar(&o.state, "state", "", "the state file (default: as configured, else rhea.db beside the configuration)")
	flags.StringVar(&o.format, "format", "text", "how to tell: text or json")
	flags.BoolVar(&o.then, "then", false, "judge as of the time that the history tells of, before the answer was remembered")
	flags.BoolVar(&o.online, "online", false, "ask relays for profiles and parents, and servers what an action asks them (always for an event named by its id)")
	flags.BoolVar(&o.skipKeys, "skip-keys", false, "do not open the keys; made-up ones stand for them")
	c.MarkFlagsMutuallyExclusive("event", "item")
	return c
}

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
