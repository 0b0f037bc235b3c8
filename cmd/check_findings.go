package cmd

import (
	"errors"
	"strings"

	"rhea/cmd/screen"
	"rhea/engine/config"
)

// checking is how a configuration is checked.
type checking struct {
	format           string
	strict, skipKeys bool
	online           bool
}

// findings are what was found in all that was checked.
type findings struct {
	problems config.Problems
	// Without mistakes: what there is.
	rules, identities, tests int
	// online is what the servers answered; nil when they were not asked.
	online *onlineReport
	// pages counts Markdown files; in them blocks counts the configurations, parts the parts of one, and others the
	// blocks of YAML that are neither.
	pages, blocks, parts, others int
	// reruns are what the next start offers again; unknown is why that cannot be counted.
	reruns  []rerunCount
	unknown string
}

// add takes in what reading a configuration said. It returns what is no mistake in the text.
func (f *findings) add(file *config.File, err error) error {
	var problems config.Problems
	switch {
	case errors.As(err, &problems):
		f.problems = append(f.problems, problems...)
		return nil
	case err != nil:
		return &exitError{exitUsage, err}
	}
	f.problems = append(f.problems, file.Warnings...)
	f.rules += len(file.Rules)
	f.identities += len(file.Identities)
	f.tests += len(file.Tests)
	return nil
}

// failed reports whether the findings make the check fail.
func (f *findings) failed(strict bool) bool {
	return len(f.problems.Errors()) > 0 || strict && len(f.problems.Warnings()) > 0
}

// summary counts what was checked and what was found.
func (f *findings) summary(strict bool) string {
	what := make([]string, 0, 5)
	if f.pages > 0 {
		text := screen.Count(f.pages, "page") + " with " + screen.Count(f.blocks, "configuration")
		if f.parts > 0 {
			text += " and " + screen.Count(f.parts, "part") + " of one"
		}
		if f.others > 0 {
			text += " (" + screen.Count(f.others, "other block") + " passed over)"
		}
		what = append(what, text)
	}
	if errors, warnings := len(f.problems.Errors()), len(f.problems.Warnings()); f.failed(strict) {
		return screen.Count(errors, "mistake") + ", " + screen.Count(warnings, "warning")
	}
	what = append(what, screen.Count(f.rules, "rule"), screen.Count(f.identities, "identity"), screen.Count(f.tests, "test"))
	if n := len(f.problems.Warnings()); n > 0 {
		what = append(what, screen.Count(n, "warning"))
	}
	return "ok: " + strings.Join(what, ", ")
}
