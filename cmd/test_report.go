package cmd

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"rhea/cmd/screen"
	"rhea/engine"
	"rhea/engine/rehearsal"
)

// testFormats are the ways to report tests, by name.
func (a *app) testFormats() map[string]func([]suite) error {
	return map[string]func([]suite) error{
		"text":  func(s []suite) error { return a.printTests(s) },
		"json":  func(s []suite) error { return jsonTests(a.Out, s) },
		"junit": func(s []suite) error { return junitTests(a.Out, s) },
	}
}

// printTests prints for people what failed and how, and what is not tested.
func (a *app) printTests(suites []suite) error {
	p := a.paint()
	var b strings.Builder
	passed, failures := 0, 0
	for _, s := range suites {
		bad := 0
		for _, r := range s.reports {
			if r.Failed() {
				bad++
				writeFailure(&b, p, r)
			}
		}
		passed, failures = passed+len(s.reports)-bad, failures+bad
		word := p.Green("ok  ")
		if bad > 0 {
			word = p.Red("FAIL")
		}
		fmt.Fprintf(&b, "%s %s  %s\n", word, s.name, screen.Count(len(s.reports), "test"))
		writeUntested(&b, p, "to fire", s.neverFired)
		writeUntested(&b, p, "to stay silent", s.neverSilent)
	}
	if failures > 0 || len(suites) > 1 {
		fmt.Fprintf(&b, "%d passed, %d failed\n", passed, failures)
	}
	_, err := io.WriteString(a.Out, b.String())
	return err
}

func writeUntested(b *strings.Builder, p screen.Paint, what string, rules []string) {
	if len(rules) == 0 {
		return
	}
	for i, line := range screen.Wrap("never tested "+what+": "+strings.Join(rules, ", "), cardWidth-5) {
		indent := "     "
		if i > 0 {
			indent += "  "
		}
		b.WriteString(indent + p.Dim(line) + "\n")
	}
}

func writeFailure(b *strings.Builder, p screen.Paint, r rehearsal.Report) {
	fmt.Fprintf(b, "%s: %s %s\n", r.Test.Place, p.Red("failed:"), testName(r))
	for i, step := range r.Steps {
		of := ""
		if len(r.Test.Steps) > 1 {
			of = fmt.Sprintf("step %d: ", i+1)
		}
		for _, f := range step.Failures {
			fmt.Fprintf(b, "    %s\n", p.Bold(of+f.What))
			for _, line := range diff(f.Want, f.Got) {
				b.WriteString("      " + p.Line(line) + "\n")
			}
		}
		writeWhy(b, p, of, step.Why())
	}
	if r.Err != nil {
		fmt.Fprintf(b, "    %s\n", r.Err)
	}
}

// writeWhy prints what came of a step whose failures do not tell.
func writeWhy(b *strings.Builder, p screen.Paint, of string, why []string) {
	if len(why) == 0 {
		return
	}
	fmt.Fprintf(b, "    %s\n", p.Bold(of+"what came of it"))
	for _, reason := range why {
		for i, line := range screen.Wrap(reason, cardWidth-8) {
			indent := "      "
			if i > 0 {
				indent += "  "
			}
			b.WriteString(indent + line + "\n")
		}
	}
}

func testName(r rehearsal.Report) string {
	if r.Test.Name == "" {
		return r.Test.Rule
	}
	return r.Test.Rule + ": " + r.Test.Name
}

// jsonTest is one test for machines.
type jsonTest struct {
	Suite    string              `json:"suite"`
	Place    string              `json:"place"`
	Rule     string              `json:"rule"`
	Name     string              `json:"name,omitempty"`
	Passed   bool                `json:"passed"`
	Outcomes []engine.Outcome    `json:"outcomes"`
	Failures []rehearsal.Failure `json:"failures,omitempty"`
	// Why says what came of the steps that failed.
	Why   []string `json:"why,omitempty"`
	Error string   `json:"error,omitempty"`
}

func jsonTests(out io.Writer, suites []suite) error {
	type untested struct {
		Suite       string   `json:"suite"`
		NeverFired  []string `json:"never_fired"`
		NeverSilent []string `json:"never_silent"`
	}
	report := struct {
		Tests    []jsonTest `json:"tests"`
		Untested []untested `json:"untested"`
	}{Tests: []jsonTest{}, Untested: []untested{}}
	for _, s := range suites {
		for _, r := range s.reports {
			t := jsonTest{Suite: s.name, Place: r.Test.Place, Rule: r.Test.Rule, Name: r.Test.Name, Passed: !r.Failed(), Outcomes: []engine.Outcome{}}
			for _, step := range r.Steps {
				t.Failures, t.Why = append(t.Failures, step.Failures...), append(t.Why, step.Why()...)
				for _, o := range step.Outcomes {
					t.Outcomes = append(t.Outcomes, o.Outcome)
				}
			}
			if r.Err != nil {
				t.Error = r.Err.Error()
			}
			report.Tests = append(report.Tests, t)
		}
		if len(s.neverFired)+len(s.neverSilent) > 0 {
			report.Untested = append(report.Untested, untested{s.name, orEmpty(s.neverFired), orEmpty(s.neverSilent)})
		}
	}
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(report)
}

func orEmpty(list []string) []string { return append([]string{}, list...) }

// The shape of a JUnit report, as far as every reader of it agrees.
type junitReport struct {
	XMLName xml.Name     `xml:"testsuites"`
	Suites  []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Failure *junitFailure `xml:"failure"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

func junitTests(out io.Writer, suites []suite) error {
	var report junitReport
	for _, s := range suites {
		one := junitSuite{Name: s.name, Tests: len(s.reports), Time: fmt.Sprintf("%.3f", s.took.Round(time.Millisecond).Seconds())}
		for _, r := range s.reports {
			c := junitCase{Class: r.Test.Rule, Name: r.Test.Name}
			if r.Failed() {
				one.Failures++
				var b strings.Builder
				writeFailure(&b, screen.Paint{}, r)
				c.Failure = &junitFailure{Message: r.Test.Place, Text: b.String()}
			}
			one.Cases = append(one.Cases, c)
		}
		report.Suites = append(report.Suites, one)
	}
	if _, err := io.WriteString(out, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(out)
	e.Indent("", "  ")
	if err := e.Encode(report); err != nil {
		return err
	}
	_, err := io.WriteString(out, "\n")
	return err
}

// diff writes what was wanted and what was found line by line: "- " for what is missing, "+ " for what is there
// instead, two blanks for what both have.
func diff(want, got string) []string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	if len(a)*len(b) > 1<<20 { // Too much to compare, and to read.
		return append(signed("- ", a), signed("+ ", b)...)
	}
	common := commonLines(a, b)
	var out []string
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			out = append(out, "  "+a[i])
			i, j = i+1, j+1
		case common[i+1][j] >= common[i][j+1]:
			out = append(out, "- "+a[i])
			i++
		default:
			out = append(out, "+ "+b[j])
			j++
		}
	}
	return append(append(out, signed("- ", a[i:])...), signed("+ ", b[j:])...)
}

func signed(sign string, lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = sign + line
	}
	return out
}

// commonLines counts how many lines the rest of a from i and the rest of b from j have in common, in order.
func commonLines(a, b []string) [][]int {
	n := make([][]int, len(a)+1)
	for i := range n {
		n[i] = make([]int, len(b)+1)
	}
	for i, v := range slices.Backward(a) {
		for j := len(b) - 1; j >= 0; j-- {
			if v == b[j] {
				n[i][j] = n[i+1][j+1] + 1
			} else {
				n[i][j] = max(n[i+1][j], n[i][j+1])
			}
		}
	}
	return n
}
