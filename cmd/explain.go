package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/ledger/memory"
	"rhea/engine/ledger/sqlite"
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
					return usage("there is no rule %s", args[0])
				}
				rules = []engine.Rule{*rule}
			}
			verdicts, err := a.verdicts(c.Context(), file, rules, o)
			if err != nil {
				return err
			}
			if o.format == "json" {
				return failed(writeVerdicts(a.Out, verdicts))
			}
			return failed(a.tellVerdicts(verdicts))
		},
	}
	flags := c.Flags()
	flags.StringVar(&o.event, "event", "", "an event: JSON, a file, - for standard input, or an id (nevent1…, note1…, hex) that relays are asked for")
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
	// recorded is what the history tells of it; nil for nothing.
	recorded *engine.Decision
	// known is what expressions know as data.
	known map[string]any
}

// verdicts asks the rules, and puts the closest first.
func (a *app) verdicts(ctx context.Context, file *config.File, rules []engine.Rule, o explainOptions) (all []verdict, err error) {
	ids, err := a.cast(file, o.skipKeys)
	if err != nil {
		return nil, err
	}
	state, err := readState(statePath(file, o.state))
	if err != nil {
		return nil, failed(err)
	}
	defer func() { err = errors.Join(err, state.Close()) }()
	network := relay.New(relay.Options{Positions: memory.New(), Guard: guardRelays(namedRelays(file))})
	defer func() { err = errors.Join(err, network.Close()) }()
	shown, named, err := a.show(ctx, o.given, rules, network)
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

// cast opens the keys, or makes some up.
func (a *app) cast(file *config.File, made bool) (map[string]engine.Identity, error) {
	if !made {
		return a.identities(file)
	}
	return rehearsal.Cast(file.Identities)
}

// listsOf says where people publish and read, from the events that a stage knows.
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
	sample, err := shown.sample(rule)
	if m, ok := errors.AsType[*engine.Mismatch](err); ok {
		d := engine.Decision{At: o.Start, Rule: rule.Name, Outcome: engine.NoMatch, Reason: m.Reason}
		return []verdict{{Outcome: rehearsal.Outcome{Decision: d}, rule: &rule}}, nil
	}
	if err != nil {
		return nil, err
	}
	o.Rules = []engine.Rule{asked}
	outcomes, err := rehearsal.New(o).Show(ctx, rule.Name, sample)
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
			again, err := rehearsal.New(o).Show(ctx, rule.Name, sample)
			if err != nil {
				return nil, err
			}
			outcome = again[0]
		}
		if outcome.Outcome == engine.DryRun && !rule.DryRun {
			outcome.Outcome = engine.Fired
		}
		all = append(all, verdict{Outcome: outcome, rule: &rule, recorded: recorded})
	}
	return all, nil
}

// history is a state file that is only read.
type history interface {
	memory.Base
	recorded(ctx context.Context, rule, key string) (*engine.Decision, error)
	Close() error
}

func readState(path string) (history, error) {
	reader, err := sqlite.OpenReadOnly(path)
	if errors.Is(err, fs.ErrNotExist) {
		return blank{memory.New()}, nil
	}
	if err != nil {
		return nil, err
	}
	return stateHistory{reader}, nil
}

// blank is the state of a bot that never ran.
type blank struct{ *memory.Ledger }

func (blank) recorded(context.Context, string, string) (*engine.Decision, error) { return nil, nil }

type stateHistory struct{ *sqlite.Reader }

// recorded returns the newest decision on a signal that is not merely that it came again.
func (s stateHistory) recorded(ctx context.Context, rule, key string) (*engine.Decision, error) {
	all, err := s.History(ctx, engine.HistoryQuery{Rule: rule, Limit: 1 << 20})
	if err != nil {
		return nil, err
	}
	var repeated *engine.Decision
	for i := range all {
		if all[i].Key != key || key == "" {
			continue
		}
		if all[i].Outcome != engine.Duplicate {
			return &all[i], nil
		}
		repeated = &all[i]
	}
	return repeated, nil
}

// before is a state as it was before a decision was made.
type before struct {
	history
	rule     string
	decision *engine.Decision
}

// Seen forgets the claim that the decision made.
func (b before) Seen(ctx context.Context, rule, key string) (bool, error) {
	if rule == b.rule && key == b.decision.Key && b.decision.Outcome != engine.Duplicate {
		return false, nil
	}
	return b.history.Seen(ctx, rule, key)
}

// Times forgets what came later. What was made in the same millisecond is the decision's own, unless it made nothing.
func (b before) Times(ctx context.Context, mark string, after time.Time) ([]time.Time, error) {
	times, err := b.history.Times(ctx, mark, after)
	return slices.DeleteFunc(times, func(t time.Time) bool {
		return t.After(b.decision.At) || t.Equal(b.decision.At) && b.decision.Outcome != engine.RateLimited
	}), err
}
