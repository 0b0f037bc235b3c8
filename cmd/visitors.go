package cmd

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"rhea/cmd/control"
	"rhea/engine"
	"rhea/engine/config"
)

// reception is what visitors of a sandbox are told, and from where.
type reception struct {
	file    *config.File
	ids     map[string]engine.Identity
	relay   string
	links   func() []control.LinkStatus
	journal engine.Journal
	log     *slog.Logger
}

// receiveVisitors lets `rhea say` find a sandbox, and prints how to talk to it. Without visitors it runs all the same.
func (a *app) receiveVisitors(r reception) (end func() error) {
	about := control.Sandbox{PID: os.Getpid(), Started: time.Now(), Relay: r.relay, Configs: absolute(a.paths)}
	answers := false
	for _, id := range r.file.Identities {
		spoken := control.SandboxIdentity{
			Name: id.Name, Pubkey: r.ids[id.Name].Signer.PublicKey(), Npub: r.ids[id.Name].Npub, Rules: answering(r.file, id.Name),
		}
		answers = answers || len(spoken.Rules) > 0
		about.Identities = append(about.Identities, spoken)
	}
	listening := func() bool {
		return !answers || slices.ContainsFunc(r.links(), func(l control.LinkStatus) bool { return l.Up && l.Queries > 0 })
	}
	door, err := control.ServeSandbox(about, listening, r.journal)
	if err != nil {
		r.log.Warn("`rhea say` cannot reach this sandbox", "error", err)
		return func() error { return nil }
	}
	if answers {
		printLine(a.Out, "Talk to it from another terminal: %s", a.verb(`say "hello"`))
	}
	return door.Close
}

// answering lists the rules that answer people as an identity.
func answering(file *config.File, identity string) []control.SandboxRule {
	rules := []control.SandboxRule{}
	for i := range file.Rules {
		if r := &file.Rules[i]; !r.Disabled && r.Identity == identity && takesInput(r) {
			addressed := !slices.ContainsFunc(r.Triggers, func(t engine.RuleTrigger) bool { return !t.Kind.Addressed })
			rules = append(rules, control.SandboxRule{Name: r.Name, Addressed: addressed})
		}
	}
	return rules
}

// absolute makes paths comparable, whatever folder and link they go through.
func absolute(paths []string) []string {
	all := []string{}
	for _, path := range paths {
		if whole, err := filepath.Abs(path); err == nil {
			path = whole
		}
		if target, err := filepath.EvalSymlinks(path); err == nil {
			path = target
		}
		all = append(all, path)
	}
	return all
}
