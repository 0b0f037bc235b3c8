package cmd

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/rehearsal"
)

func (a *app) test() *cobra.Command {
	var run, format string
	var update bool
	c := &cobra.Command{
		Use:   "test [FILE|DIR]…",
		Short: "Run the tests of the rules",
		Long: "Run the tests that stand in the configuration and in *_test.yaml beside it: each shows something to a\n" +
			"rule and compares what comes of it. Nothing is sent, no secret is read, and the clock of a test is its\n" +
			"own. Without arguments, the configuration is what -c names. Exit code 1 when a test fails.",
		Example: "  rhea test\n  rhea test examples/*\n  rhea test --run greet --format junit",
		RunE: func(c *cobra.Command, args []string) error {
			pattern, err := regexp.Compile(run)
			if err != nil {
				return usage("--run: %v", err)
			}
			write, ok := a.testFormats()[format]
			if !ok {
				return usage("--format: %q is not one of text, json, junit", format)
			}
			groups := [][]string{a.paths}
			if len(args) > 0 {
				groups = configurations(args)
			}
			var suites []suite
			for _, paths := range groups {
				s, err := a.suite(c, paths, pattern, update)
				if err != nil {
					return err
				}
				suites = append(suites, s)
			}
			if err := write(suites); err != nil {
				return failed(err)
			}
			if slices.ContainsFunc(suites, suite.failed) {
				return &exitError{code: exitFailed}
			}
			return nil
		},
	}
	flags := c.Flags()
	flags.StringVar(&run, "run", "", "only the tests whose `rule/name` this regular expression matches")
	flags.StringVar(&format, "format", "text", "how to report: text, json or junit")
	flags.BoolVar(&update, "update", false, "write the golden files instead of comparing with them")
	return c
}

// configurations makes a configuration of each argument. A *_test.yaml stands for the file that it tests, and what is
// no YAML is passed over when there are others, so that examples/* works.
func configurations(args []string) [][]string {
	var all [][]string
	for _, arg := range args {
		extension := filepath.Ext(arg)
		if len(args) > 1 && extension != "" && !strings.Contains(arg, ".yaml") && !strings.Contains(arg, ".yml") {
			continue
		}
		if base, ok := strings.CutSuffix(arg, "_test"+extension); ok && extension != "" {
			arg = base + extension
		}
		if group := []string{arg}; !slices.ContainsFunc(all, func(g []string) bool { return g[0] == arg }) {
			all = append(all, group)
		}
	}
	return all
}

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
