package rehearsal

import (
	"slices"

	"rhea/engine/config"
)

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

// Failed reports whether the test failed.
func (r Report) Failed() bool {
	return r.Err != nil || slices.ContainsFunc(r.Steps, func(s Step) bool { return len(s.Failures) > 0 })
}
