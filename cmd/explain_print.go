package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/cmd/screen"
	"rhea/engine"
	"rhea/engine/expression"
)

// printVerdicts prints the verdicts gate by gate.
func (a *app) printVerdicts(all []verdict) error {
	p := a.paint()
	var b strings.Builder
	for i, v := range all {
		if i > 0 {
			b.WriteString("\n")
		}
		printVerdict(&b, p, v)
	}
	_, err := io.WriteString(a.Out, b.String())
	return err
}

func printVerdict(b *strings.Builder, p screen.Paint, v verdict) {
	word := p.Red(string(v.Outcome.Outcome))
	if v.Outcome.Outcome == engine.Fired || v.Outcome.Outcome == engine.DryRun {
		word = p.Green(string(v.Outcome.Outcome))
	}
	fmt.Fprintf(b, "%s: %s\n", p.Bold(v.Rule), word)
	if v.rule.Disabled {
		b.WriteString("  the rule is disabled; if it were not:\n")
	}
	if len(v.filled) > 0 {
		b.WriteString("  event          ")
		writeDetail(b, "made up: "+strings.Join(v.filled, ", "))
	}
	if v.Outcome.Outcome == engine.NoMatch {
		row(b, p, "trigger", false, v.Reason)
		return
	}
	row(b, p, "trigger", true, v.Trigger)
	for _, g := range v.Gates {
		detail := g.Detail
		if g.Gate == "condition" {
			detail = ""
		}
		row(b, p, g.Gate, g.Pass, detail)
		if g.Gate == "condition" {
			for _, e := range v.conditions() {
				printCondition(b, p, e, 4)
			}
		}
	}
	if r := v.recorded; r != nil {
		row(b, p, "history", true, fmt.Sprintf("%s at %s", r.Outcome, r.At.UTC().Format(time.RFC3339)))
	}
	switch {
	case v.Outcome.Outcome == engine.ActionError:
		row(b, p, "actions", false, v.Reason)
	case v.Reason != "" && len(v.Owed) > 0:
		row(b, p, "actions", true, v.Reason)
	}
	for _, o := range v.Owed {
		raw, err := json.MarshalIndent(o.Event, "    ", "  ")
		if err != nil {
			continue // An event always marshals.
		}
		fmt.Fprintf(b, "  would publish to %s\n    %s\n", strings.Join(o.Relays, " "), raw)
	}
}

// row writes the verdict of one gate.
func row(b *strings.Builder, p screen.Paint, name string, pass bool, detail string) {
	word := p.Green("pass")
	if !pass {
		word = p.Red("stop")
	}
	fmt.Fprintf(b, "  %-10s %s", name, word)
	writeDetail(b, detail)
}

// writeDetail writes what stands behind the word of a row.
func writeDetail(b *strings.Builder, detail string) {
	for i, line := range strings.Split(detail, "\n") {
		for j, part := range screen.Wrap(line, cardWidth-19) {
			if i+j > 0 {
				b.WriteString("\n" + strings.Repeat(" ", 19))
			} else if part != "" {
				b.WriteString("  ")
			}
			b.WriteString(part)
		}
	}
	b.WriteString("\n")
}

// conditions explains each condition of the rule with the data of the signal.
func (v verdict) conditions() []expression.Explanation {
	if v.Data == nil {
		return nil
	}
	compiler, err := expression.New(v.rule.Triggers[0].Kind.Data)
	if err != nil {
		return nil
	}
	compiler = compiler.WithData(v.known)
	var all []expression.Explanation
	stopped := false
	for _, c := range v.rule.If {
		e, err := compiler.Explain(c.Source(), v.Data)
		if err != nil {
			e = expression.Explanation{Source: c.Source(), Error: err.Error()}
		}
		e.Skipped = stopped
		stopped = stopped || e.Value != true
		all = append(all, e)
	}
	return all
}

// printCondition writes an operand with its value, and below it what it is made of.
func printCondition(b *strings.Builder, p screen.Paint, e expression.Explanation, indent int) {
	value := expression.Show(e.Value, 12)
	if e.Error != "" {
		value = "error"
	}
	if e.Value == true {
		value = p.Green("true ")
	} else if e.Value == false {
		value = p.Red("false")
	}
	pad := strings.Repeat(" ", indent)
	for i, part := range screen.Wrap(single(e.Source), cardWidth-indent-7) {
		if i == 0 {
			fmt.Fprintf(b, "%s%s  %s\n", pad, value, part)
		} else {
			fmt.Fprintf(b, "%s         %s\n", pad, part)
		}
	}
	if e.Error != "" {
		fmt.Fprintf(b, "%s       %s\n", pad, e.Error)
	}
	if e.Skipped {
		fmt.Fprintf(b, "%s       %s\n", pad, p.Dim("not needed"))
	}
	for _, x := range e.Values {
		shown := single(x.Source) + " = "
		if x.Error != "" {
			shown += x.Error
		} else {
			shown += expression.Show(x.Value, max(cardWidth-indent-7-len(shown), 12))
		}
		fmt.Fprintf(b, "%s       %s\n", pad, p.Dim(shown))
	}
	for _, x := range e.Operands {
		printCondition(b, p, x, indent+2)
	}
}

func single(text string) string { return strings.Join(strings.Fields(text), " ") }

// MarshalJSON writes the decision as the history has it, with what belongs to it.
func (v verdict) MarshalJSON() ([]byte, error) {
	type publish struct {
		Event  nostr.Event `json:"event"`
		Relays []string    `json:"relays"`
	}
	out := struct {
		engine.Decision
		Event      *nostr.Event             `json:"event,omitempty"`
		Filled     []string                 `json:"filled,omitempty"`
		Disabled   bool                     `json:"disabled,omitempty"`
		Conditions []expression.Explanation `json:"conditions,omitempty"`
		Publishes  []publish                `json:"publishes,omitempty"`
		Recorded   *engine.Decision         `json:"recorded,omitempty"`
	}{Decision: v.Decision, Event: v.Event, Filled: v.filled, Disabled: v.rule.Disabled, Conditions: v.conditions(), Recorded: v.recorded}
	for _, o := range v.Owed {
		out.Publishes = append(out.Publishes, publish{o.Event, o.Relays})
	}
	return json.Marshal(out)
}

func writeVerdicts(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
