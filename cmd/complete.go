package cmd

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"rhea/cmd/screen"
	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/language"
	"rhea/engine/ledger"
)

// completions is what a shell completes: the arguments of verbs and the values of flags. Whatever is not there is free
// text, and gets no names of files.
type completions struct {
	// args are by verb, such as "outbox show", flags by "verb --flag" or, for all verbs, "--flag".
	args, flags map[string]cobra.CompletionFunc
}

// completed is how many ids are offered, the newest.
const completed = 50

func (a *app) completions() completions {
	rule, files := a.completeRule, completeFiles
	return completions{
		args: map[string]cobra.CompletionFunc{
			"check": files, "test": files,
			"man": a.completeVerb, "explain": firstOnly(rule), "posts": firstOnly(rule), "hold": firstOnly(rule), "resume": firstOnly(rule), "undo": firstOnly(rule), "next": rule,
			"rerun": a.completeRerun, "list": a.completeList,
			"outbox show": firstOnly(a.completeOwed), "outbox retry": firstOnly(a.completeOwed), "outbox drop": firstOnly(a.completeOwed),
		},
		flags: map[string]cobra.CompletionFunc{
			"--config": cobra.FixedCompletions([]string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt),
			"--state":  files, "--file": files, "--out": files, "--item": files,
			"--dir":    cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs),
			"--output": words("text", "json"), "check --format": words(checkFormats...),
			"test --format": words("text", "json", "junit"), "explain --format": words("text", "json"),
			"--log-format": words("text", "json"), "--log-level": words("debug", "info", "warn", "error"),
			"--rule": rule, "--waiting": rule, "test --run": rule,
			"--outcome": words(strings.Split(joinOutcomes(outcomes()), ", ")...), "--relay": a.completeRelay, "--to": a.completeIdentity,
			"--identity": a.completeIdentity, "--key-file": files,
			"outbox list --status": words("pending", "retrying", "accepted", "rejected", "given_up"),
			"--status":             words("pending", "retrying", "rejected", "given_up"),
			"--event":              a.completeEvent, "--trigger": a.completeTrigger,
			"init --from": completeRecipe, "--hello": words("yes", "no"),
		},
	}
}

// apply gives verbs and flags their completions.
func (m completions) apply(c *cobra.Command) {
	verb := strings.TrimPrefix(strings.TrimPrefix(c.CommandPath(), c.Root().Name()), " ")
	if c.ValidArgsFunction = m.args[verb]; c.ValidArgsFunction == nil && c.Runnable() {
		c.ValidArgsFunction = cobra.NoFileCompletions
	}
	m.applyFlags(c, verb)
	for _, below := range c.Commands() {
		m.apply(below)
	}
}

func (m completions) applyFlags(c *cobra.Command, verb string) {
	give := func(f *pflag.Flag) {
		complete, ok := m.flags[verb+" --"+f.Name]
		if !ok {
			complete, ok = m.flags["--"+f.Name]
		}
		if !ok {
			complete = cobra.NoFileCompletions
		}
		if err := c.RegisterFlagCompletionFunc(f.Name, complete); err != nil {
			panic(err) // It was registered before: each flag belongs to one verb.
		}
	}
	c.LocalNonPersistentFlags().VisitAll(give)
	c.PersistentFlags().VisitAll(give)
}

func completeFiles(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

func words(all ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(all, cobra.ShellCompDirectiveNoFileComp)
}

// firstOnly completes one argument.
func firstOnly(complete cobra.CompletionFunc) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return complete(c, args, begun)
	}
}

// completeRule completes the name of a rule that was not named yet.
func (a *app) completeRule(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	names := slices.DeleteFunc(config.NamesIn(a.paths).Rules, func(name string) bool { return slices.Contains(args, name) })
	return names, cobra.ShellCompDirectiveNoFileComp
}

func (a *app) completeRelay(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return config.NamesIn(a.paths).Relays, cobra.ShellCompDirectiveNoFileComp
}

func (a *app) completeIdentity(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return config.NamesIn(a.paths).Identities, cobra.ShellCompDirectiveNoFileComp
}

func (a *app) completeTrigger(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return kindNames(language.Describe(a.kinds).Triggers), cobra.ShellCompDirectiveNoFileComp
}

// completeList completes the lists, then what is in them.
func (a *app) completeList(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var names []string
	l := language.Describe(a.kinds)
	switch strings.Join(args, " ") {
	case "":
		names = topics
	case "actions":
		names = kindNames(l.Actions)
	case "triggers", "variables":
		names = kindNames(l.Triggers)
	case "functions":
		for _, f := range l.Functions {
			names = append(names, cobra.CompletionWithDesc(f.Name, firstSentence(f.Doc)))
		}
		names = append(names, l.Builtins...)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

func kindNames(kinds []language.Kind) []string {
	var names []string
	for _, k := range kinds {
		names = append(names, cobra.CompletionWithDesc(k.Name, firstSentence(k.Doc)))
	}
	return names
}

func firstSentence(doc string) string {
	first, _, _ := strings.Cut(doc, ". ")
	return strings.TrimSuffix(first, ".")
}

// completeOwed completes the ids of events of the outbox.
func (a *app) completeOwed(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	var ids []string
	a.asked(c, func(r ledger.Reader) error {
		for item, err := range r.Outbox(c.Context(), ledger.OutboxQuery{Limit: completed}) {
			if err != nil {
				return err
			}
			ids = append(ids, cobra.CompletionWithDesc(screen.Short(item.Event.ID), item.Rule+" "+string(item.State)))
		}
		return nil
	})
	return slices.Compact(ids), cobra.ShellCompDirectiveNoFileComp
}

// completeEvent completes the ids of events that were decided on; --event may name a file too.
func (a *app) completeEvent(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	var ids []string
	a.asked(c, func(r ledger.Reader) error {
		decisions, err := r.History(c.Context(), engine.HistoryQuery{Limit: completed})
		for _, d := range decisions {
			if nostr.IsValid32ByteHex(d.Key) {
				ids = append(ids, cobra.CompletionWithDesc(screen.Short(d.Key), d.Rule+" "+string(d.Outcome)))
			}
		}
		return err
	})
	return ids, cobra.ShellCompDirectiveDefault
}

// completeRerun completes a rule, then the keys of what failed of it.
func (a *app) completeRerun(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return a.completeRule(c, args, begun)
	}
	var keys []string
	failures, _ := a.completedState(c).failures(c.Context(), args[0], nil, time.Time{}) // What cannot be read completes nothing.
	for _, f := range failures {
		if !slices.Contains(args[1:], f.Key) {
			keys = append(keys, cobra.CompletionWithDesc(f.Key, string(f.Outcome)+" "+f.Title))
		}
	}
	return keys, cobra.ShellCompDirectiveNoFileComp
}

// asked reads the state, if it is there; what goes wrong completes nothing.
func (a *app) asked(c *cobra.Command, ask func(ledger.Reader) error) {
	r, err := a.completedState(c).reader()
	if err != nil {
		return
	}
	_ = ask(r)
	_ = r.Close()
}

// completedState is the state that the words before name.
func (a *app) completedState(c *cobra.Command) stateRef {
	flag, _ := c.Flags().GetString("state")
	if file, err := a.read(true); err == nil && file != nil {
		return stateRef{statePath(file, flag), file}
	}
	return stateRef{path: cmp.Or(flag, filepath.Join(filepath.Dir(a.paths[0]), "rhea.db"))}
}

// completeVerb completes the verbs below those that were named.
func (a *app) completeVerb(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	verb, rest, err := c.Root().Find(args)
	if err != nil || len(rest) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, below := range verb.Commands() {
		if below.IsAvailableCommand() {
			names = append(names, cobra.CompletionWithDesc(below.Name(), below.Short))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
