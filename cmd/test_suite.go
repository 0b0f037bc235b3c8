package cmd

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/rehearsal"
)

// suite is what came of the tests of one configuration.
type suite struct {
	name    string
	reports []rehearsal.Report
	took    time.Duration
	// neverFired and neverSilent are the rules that no test has seen do so.
	neverFired, neverSilent []string
}

func (s suite) failed() bool { return slices.ContainsFunc(s.reports, rehearsal.Report.Failed) }

func (a *app) suite(c *cobra.Command, paths []string, pattern *regexp.Regexp, update bool) (suite, error) {
	s := suite{name: strings.Join(paths, ", ")}
	file, err := config.Load(paths, config.Options{Kinds: a.kinds, LookupEnv: a.LookupEnv, WithTests: true})
	if problems, ok := errors.AsType[config.Problems](err); ok {
		fmt.Fprint(a.Err, problems.Render())
		return s, &exitError{code: exitUsage}
	}
	if err != nil {
		return s, &exitError{exitUsage, err}
	}
	manner := rehearsal.RunOptions{
		Update: update,
		RelayLists: func(ids map[string]engine.Identity, source engine.Source) engine.RelayLists {
			return relayLists(file, ids, source, nil)
		},
	}
	began := time.Now()
	for _, test := range file.Tests {
		if pattern.MatchString(test.Rule + "/" + test.Name) {
			s.reports = append(s.reports, rehearsal.Run(c.Context(), file, test, manner))
		}
	}
	s.took = time.Since(began)
	if pattern.String() == "" { // When only some tests ran, the others are unknown.
		s.neverFired, s.neverSilent = untested(file, s.reports)
	}
	return s, nil
}

// untested lists the rules that fired in no test, and those that stayed silent in none.
func untested(file *config.File, reports []rehearsal.Report) (neverFired, neverSilent []string) {
	fired, silent := map[string]bool{}, map[string]bool{}
	for _, r := range reports {
		for _, step := range r.Steps {
			for _, o := range step.Outcomes {
				if o.Outcome == engine.Fired || o.Outcome == engine.DryRun {
					fired[r.Test.Rule] = true
				} else {
					silent[r.Test.Rule] = true
				}
			}
		}
	}
	for _, rule := range file.Rules {
		if rule.Disabled {
			continue
		}
		if !fired[rule.Name] {
			neverFired = append(neverFired, rule.Name)
		}
		if !silent[rule.Name] {
			neverSilent = append(neverSilent, rule.Name)
		}
	}
	return neverFired, neverSilent
}
