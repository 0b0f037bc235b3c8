package config

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"rhea/engine"
	"rhea/engine/expression"
)

// place is a line and a column, both from 1.
type place struct{ line, column int }

func placeOf(n *yaml.Node) place { return place{n.Line, n.Column} }

// maxProblems is how many mistakes are kept, and with how many problems warnings end: nobody reads more at once.
const maxProblems = 1000

// report collects problems. The same one is kept once: a node may be read for several rules.
type report struct {
	problems Problems
	known    map[Problem]bool
	errors   int
	// ignored are codes that do not count here.
	ignored []string
}

func newReport() *report { return &report{known: map[Problem]bool{}} }

func (r *report) add(severity Severity, s *source, at place, code, message, hint string) {
	p := Problem{
		Severity: severity, File: s.name, Line: at.line, Column: at.column, Code: code,
		Message: brief(engine.Redact(message)), Hint: brief(engine.Redact(hint)), Snippet: s.snippet(at.line),
	}
	switch {
	case severity == Error && r.full():
		r.errors++
		return
	case severity == Warning && len(r.problems) >= maxProblems:
		return
	}
	if !r.known[p] && !slices.Contains(r.ignored, code) {
		r.known[p] = true
		r.problems = append(r.problems, p)
		if severity == Error {
			r.errors++
		}
	}
}

// full reports whether there are as many mistakes as are kept; there is no point in reading on.
func (r *report) full() bool { return r.errors >= maxProblems }

func (r *report) fail(s *source, at place, code, message, hint string) {
	r.add(Error, s, at, code, message, hint)
}

func (r *report) warn(s *source, at place, code, message, hint string) {
	r.add(Warning, s, at, code, message, hint)
}

// findings reports what was found in the text of a scalar.
func (r *report) findings(s *source, n *yaml.Node, findings expression.Findings) {
	if len(findings) == 0 {
		return
	}
	places := placesOf(s, n)
	for _, f := range findings {
		severity := Error
		if f.Warning {
			severity = Warning
		}
		r.add(severity, s, places.at(f.Offset), f.Code, f.Message, f.Hint)
	}
}

// failed counts the mistakes so far.
func (r *report) failed() int { return r.errors }

// brief cuts what repeats too much of what was written.
func brief(s string) string {
	const most = 400
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + " …"
}

// listed writes names for a hint, not all if there are many.
func listed(list []string) string {
	const most = 20
	if len(list) > most {
		return strings.Join(list[:most], ", ") + " …"
	}
	return strings.Join(list, ", ")
}
