package rehearsal

import (
	"fmt"
	"slices"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/config"
)

// outcomeKey names the outcome among what a test expects.
const outcomeKey = "outcome"

// nothingShown is why nothing came of a document without items.
const nothingShown = "there is no item"

// Report is what came of one test.
type Report struct {
	Test config.Test
	// Steps hold what came of each step that was run; the last one may have failed.
	Steps []Step
	// Err is why the test could not go on, such as a feed file that is not there.
	Err error
}

// Step is what came of one step of a test.
type Step struct {
	Outcomes []Outcome
	Failures []Failure
}

// Failure is one expectation that did not hold.
type Failure struct {
	// What names it, by its key: outcome, published.0.content.
	What string
	// Want and Got are what was expected and what was found; they may have many lines.
	Want, Got string
}

// Why says what came of the step, a line for each outcome and reason with how often it was that: a failure is
// understood from it when the test has not asked for the outcome. It is empty when a failure tells it already.
func (s Step) Why() []string {
	if len(s.Failures) == 0 || len(s.Outcomes) == 1 && s.Failures[0].What == outcomeKey {
		return nil
	}
	if len(s.Outcomes) == 0 {
		return []string{string(engine.NoMatch) + ": " + nothingShown}
	}
	var lines []string
	times := map[string]int{}
	for _, o := range s.Outcomes {
		line := string(o.Outcome)
		if o.Reason != "" {
			line += ": " + o.Reason
		}
		if times[line]++; times[line] == 1 {
			lines = append(lines, line)
		}
	}
	for i, line := range lines {
		if n := times[line]; n > 1 {
			lines[i] = fmt.Sprintf("%d × %s", n, line)
		}
	}
	return lines
}

// Failed reports whether the test failed.
func (r Report) Failed() bool {
	return r.Err != nil || slices.ContainsFunc(r.Steps, func(s Step) bool { return len(s.Failures) > 0 })
}

// Owed is one event that a rule made, and where it is to be sent.
type Owed struct {
	Event nostr.Event
	// Identity is the name of who signed it.
	Identity string
	Relays   []string
}

// Outcome is what came of one signal.
type Outcome struct {
	engine.Decision
	// Event is the event of the signal; nil for items and times.
	Event *nostr.Event
	// Owed are the events that were made, in order.
	Owed []Owed
	// Outputs are what the actions returned, by id.
	Outputs map[string]any
	// Data is what the expressions saw; nil when no trigger made a signal.
	Data engine.Data
}
