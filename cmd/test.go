package cmd

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"rhea/engine/expression"
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
		Example: "  rhea test\n  rhea test examples/recipes/*\n  rhea test --run greet --format junit",
		RunE: func(c *cobra.Command, args []string) error {
			if message, hint := expression.PatternMistake(run); message != "" {
				return usage("--run: %s; %s", message, hint)
			}
			pattern, err := regexp.Compile(run)
			if err != nil {
				return failed(err)
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
// no YAML is passed over when there are others, so that examples/recipes/* works.
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
