package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rhea/cmd/screen"
	"rhea/engine"
)

// followEvery is how often a history that is followed is read.
const followEvery = 500 * time.Millisecond

func (a *app) history() *cobra.Command {
	var o output
	var q engine.HistoryQuery
	var outcome, since, event string
	var follow, long bool
	c := &cobra.Command{
		Use:   "history",
		Short: "Say what was decided, and why",
		Long: "Say what was decided on every candidate, newest last: what fired, what did not, and which gate said no. Works\n" +
			"while the bot runs, up to a second behind it, and when it does not. With --long also who wrote what, and what\n" +
			"the bot has said to that; names are those of profiles that were read then.",
		Example: "  rhea history --rule greet --outcome fired --since 1d\n  rhea history --long -n 5\n  rhea history --event 77e67ffe -o json\n  rhea history --follow",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if err := o.check(); err != nil {
				return err
			}
			if q.Limit < 1 {
				return usage("-n %d: write 1 or more", q.Limit)
			}
			if q.Outcome = engine.Outcome(outcome); outcome != "" && !slices.Contains(outcomes(), q.Outcome) {
				return usage("--outcome: there is no %q; there is %s", outcome, joinOutcomes(outcomes()))
			}
			if q.Since, err = sinceTime("--since", since, time.Now()); err != nil {
				return err
			}
			if event != "" {
				if q.Event, err = eventPrefix(event); err != nil {
					return err
				}
			}
			s, r, err := a.openState(o.state)
			if err != nil {
				return err
			}
			p := historyPrinter{teller: teller{app: a, s: s, r: r, names: make(map[string]string)}, json: o.json(), long: long}
			return joinFailed(p.printHistory(c.Context(), q, follow), r.Close())
		},
	}
	o.flags(c)
	flags := c.Flags()
	flags.StringVar(&q.Rule, "rule", "", "only of this rule")
	flags.StringVar(&outcome, "outcome", "", "only with this outcome: "+joinOutcomes(outcomes()))
	flags.StringVar(&since, "since", "", "only since: a time span, such as 1h or 7d, or a time")
	flags.StringVar(&event, "event", "", "only about an event, or what made it: an id or its first characters, note1…, nevent1…")
	flags.IntVarP(&q.Limit, "number", "n", 30, "how many at most, the newest")
	flags.BoolVarP(&long, "long", "l", false, "tell who wrote what, and what the bot has said to that")
	flags.BoolVarP(&follow, "follow", "f", false, "go on with what happens")
	return c
}

// historyPrinter prints decisions.
type historyPrinter struct {
	teller
	json, long bool
}

// printHistory prints what happened and, if it is followed, what happens.
func (p *historyPrinter) printHistory(ctx context.Context, q engine.HistoryQuery, follow bool) error {
	// The place is taken before the past is read, so that nothing falls between.
	_, place, err := p.r.Follow(ctx, q, -1)
	if err != nil {
		return err
	}
	past, err := p.r.History(ctx, q)
	if err != nil {
		return err
	}
	slices.Reverse(past)
	if !follow && !p.json && (!p.long || len(past) == 0) {
		p.listDecisions(past, time.Now())
		return nil
	}
	printed := make(map[string]bool, len(past))
	for _, d := range past {
		printed[decisionName(d)] = true
	}
	if err := p.printDecisions(ctx, past); err != nil || !follow {
		return err
	}
	again := time.NewTicker(followEvery)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-again.C:
		}
		news, next, err := p.r.Follow(ctx, q, place)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		news = slices.DeleteFunc(news, func(d engine.Decision) bool { return printed[decisionName(d)] })
		if place = next; len(news) > 0 {
			clear(printed)
		}
		if err := p.printDecisions(ctx, news); err != nil {
			return err
		}
	}
}

// decisionName tells decisions apart.
func decisionName(d engine.Decision) string {
	return strings.Join([]string{d.At.Format(time.RFC3339Nano), d.Rule, d.Key, string(d.Outcome)}, "\x00")
}

// printDecisions prints a line for each: JSON, or what a table of unknown length can look like.
func (p *historyPrinter) printDecisions(ctx context.Context, all []engine.Decision) (err error) {
	p.learn(all)
	e := json.NewEncoder(p.Out)
	e.SetEscapeHTML(false)
	for _, d := range all {
		switch {
		case p.json:
			line := toldOf(d)
			if p.long {
				if line.Posts, err = p.s.made(ctx, p.r, d); err != nil {
					return err
				}
			}
			err = e.Encode(line)
		case p.long:
			err = p.print(ctx, d, time.Now())
		default:
			line := fmt.Sprintf("%s  %-12s  %-15s  %s  %s", d.At.Local().Format(time.DateTime), d.Rule, d.Outcome, onWhat(d), why(d))
			printLine(p.Out, "%s", screen.OneLine(line))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *app) listDecisions(all []engine.Decision, now time.Time) {
	if len(all) == 0 {
		printLine(a.Out, "There is nothing like that in the history.")
		return
	}
	t := screen.Table{Columns: []screen.Column{
		{Title: "WHEN"}, {Title: "RULE", Least: 8}, {Title: "OUTCOME"}, {Title: "ON", Least: 10}, {Title: "WHY", Least: 20},
	}}
	for _, d := range all {
		t.Add(screen.Ago(d.At, now), d.Rule, string(d.Outcome), onWhat(d), why(d))
	}
	t.Write(a.Out)
}

// onWhat names what was decided on: the trigger, and an event by how its id begins.
func onWhat(d engine.Decision) string {
	if isEventID(d.Key) {
		return d.Trigger + " " + screen.Short(d.Key)
	}
	return d.Trigger
}

// why is the reason, or else what was made.
func why(d engine.Decision) string {
	made := make([]string, len(d.Published))
	for i, id := range d.Published {
		made[i] = screen.Short(id)
	}
	text := d.Reason
	if len(made) > 0 {
		text = strings.TrimSuffix("made "+strings.Join(made, " ")+"; "+text, "; ")
	}
	return text
}

// outcomes lists what a decision may say.
func outcomes() []engine.Outcome {
	return []engine.Outcome{
		engine.Fired, engine.ConditionFalse, engine.ConditionError, engine.Duplicate, engine.TooOld, engine.Self, engine.Loop,
		engine.RateLimited, engine.NoMatch, engine.BadSignature, engine.ActionError, engine.DryRun, engine.Disabled, engine.Held,
		engine.Resumed, engine.Undone, engine.Rerun,
	}
}

func joinOutcomes(all []engine.Outcome) string {
	words := make([]string, len(all))
	for i, o := range all {
		words[i] = string(o)
	}
	return strings.Join(words, ", ")
}
