package cmd

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"rhea/engine"
	"rhea/engine/config"
)

func (a *app) check() *cobra.Command {
	var o checking
	c := &cobra.Command{
		Use:   "check [file …]",
		Short: "Say everything that is wrong with the configuration",
		Long: "Say everything that is wrong or odd with the configuration, each with its place and what to write instead,\n" +
			"without running anything; also how many items of feeds the next start offers again, because they failed\n" +
			"before their rule was changed. Of a Markdown file, every yaml block with the key version is a configuration;\nother blocks are checked as parts of one when they can be told to be that: rules, tests, actions, a trigger.\n" +
			"Exit code 2 when something is wrong.",
		Example: "  rhea check\n  rhea check --strict --online\n  rhea check README.md docs/*.md\n  rhea check -c - --format json < bot.yaml",
		RunE: func(c *cobra.Command, args []string) error {
			if !slices.Contains(checkFormats, o.format) {
				return usage("--format: %q is none of %s", o.format, strings.Join(checkFormats, ", "))
			}
			found := &findings{}
			if err := a.checkAll(c.Context(), args, o, found); err != nil {
				return err
			}
			return a.printFindings(found, o)
		},
	}
	flags := c.Flags()
	flags.BoolVar(&o.skipKeys, "skip-keys", false, "do not open the keys, on a machine that does not have them")
	flags.BoolVar(&o.strict, "strict", false, "warnings count as mistakes")
	flags.BoolVar(&o.online, "online", false, "also ask the relays and feeds whether they would do their part")
	flags.StringVar(&o.format, "format", "text", "how to print: "+strings.Join(checkFormats, ", "))
	return c
}

func (a *app) checkAll(ctx context.Context, args []string, o checking, found *findings) error {
	pages := slices.DeleteFunc(slices.Clone(args), func(path string) bool { return !isMarkdown(path) })
	files := slices.DeleteFunc(slices.Clone(args), isMarkdown)
	if len(args) == 0 {
		files = a.paths
	}
	for _, page := range pages {
		if err := a.checkPage(page, found); err != nil {
			return err
		}
	}
	if len(files) == 0 {
		return nil
	}
	opts := a.configOptions()
	opts.WithTests = true
	file, err := config.Load(files, opts)
	if err := found.add(file, err); err != nil || file == nil {
		return err
	}
	found.problems = append(found.problems, notes(file)...)
	found.reruns, found.unknown = reruns(ctx, file)
	if !o.skipKeys {
		found.problems = append(found.problems, a.checkKeys(file)...)
	}
	if o.online {
		// Without the keys, made-up ones stand for them.
		online, said, err := a.checkOnline(ctx, file, o.skipKeys || len(found.problems.Errors()) > 0)
		if err != nil {
			return err
		}
		found.online, found.problems = online, append(found.problems, said...)
	}
	found.problems.Sort()
	return nil
}

func (a *app) configOptions() config.Options {
	return config.Options{Kinds: a.kinds, LookupEnv: a.LookupEnv, Stdin: a.In}
}

func isMarkdown(path string) bool {
	extension := strings.ToLower(filepath.Ext(path))
	return extension == ".md" || extension == ".markdown"
}

// checkPage checks the configurations in a Markdown file. It opens no keys: those are examples.
func (a *app) checkPage(path string, found *findings) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	found.pages++
	for _, block := range config.Blocks(text) {
		if block.Whole {
			found.blocks++
			file, err := config.Parse(path, block.Text, a.configOptions())
			if err := found.add(file, err); err != nil {
				return err
			}
			continue
		}
		file, known, err := config.ParseFragment(path, block.Text, a.configOptions())
		if !known {
			found.others++
			continue
		}
		found.parts++
		if err := found.add(file, err); err != nil {
			return err
		}
	}
	return nil
}

// checkKeys opens the keys and puts what is wrong or odd with them at the places of their identities.
func (a *app) checkKeys(file *config.File) config.Problems {
	refs := make(map[string]engine.SecretRef, len(file.Identities))
	for _, id := range file.Identities {
		refs[id.Name] = id.Key
	}
	_, warnings, err := a.openKeys(refs, filepath.Dir(file.Paths[0]))
	problems := append(keyProblems(file, err), a.exposed(file)...)
	for _, w := range warnings {
		for _, id := range file.Identities {
			if strings.HasPrefix(w, "identity "+id.Name+": ") {
				p := id.Problem("key", w, "")
				p.Severity = config.Warning
				problems = append(problems, p)
			}
		}
	}
	return problems
}
