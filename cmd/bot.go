package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"time"

	"rhea/cmd/control"
	"rhea/engine"
	"rhea/engine/bot"
	"rhea/engine/config"
	"rhea/engine/identity"
	"rhea/engine/key"
	"rhea/engine/relay"
	"rhea/engine/web"
)

// load reads the configuration and says what is wrong or odd with it. The error was said already.
func (a *app) load() (*config.File, error) {
	file, err := a.read(false)
	if err != nil {
		return nil, err
	}
	fmt.Fprint(a.Err, file.Warnings.Render())
	return file, nil
}

// read is load without a word about what is odd. Spare returns nil for a configuration that cannot be used.
func (a *app) read(spare bool) (*config.File, error) {
	file, err := config.Load(a.paths, config.Options{Kinds: a.kinds, LookupEnv: a.LookupEnv, Stdin: a.In})
	var problems config.Problems
	switch {
	case err == nil:
		return file, nil
	case spare:
		return nil, nil
	case errors.As(err, &problems):
		fmt.Fprint(a.Err, problems.Render())
		return nil, &exitError{code: exitUsage}
	}
	return nil, &exitError{exitUsage, err}
}

// identities opens the keys of a configuration and says what is wrong with them. The error was said already.
func (a *app) identities(file *config.File) (map[string]engine.Identity, error) {
	refs := make(map[string]engine.SecretRef, len(file.Identities))
	for _, id := range file.Identities {
		refs[id.Name] = id.Key
	}
	signers, warnings, err := a.openKeys(refs, filepath.Dir(file.Paths[0]))
	for _, w := range warnings {
		say(a.Err, "warning: %s", w)
	}
	if err != nil {
		fmt.Fprint(a.Err, keyProblems(file, err).Render())
		return nil, &exitError{code: exitUsage}
	}
	if found := a.exposed(file); len(found) > 0 {
		fmt.Fprint(a.Err, found.Render())
		return nil, &exitError{code: exitUsage}
	}
	ids := make(map[string]engine.Identity, len(signers))
	for name, s := range signers {
		id, err := identity.Of(name, s)
		if err != nil {
			return nil, failed(err)
		}
		configured, _ := file.Identity(name)
		id.FloodStop = configured.FloodStop
		ids[name] = id
	}
	return ids, nil
}

// openKeys opens keys. From then on nothing that is told, stored or published shows them.
func (a *app) openKeys(refs map[string]engine.SecretRef, dir string) (map[string]engine.Signer, []string, error) {
	signers, warnings, err := key.OpenAll(refs, key.Options{Dir: dir, LookupEnv: a.LookupEnv})
	for _, s := range signers {
		a.secrets.Know(s)
	}
	return signers, warnings, err
}

// keyProblems puts each identity's mistake at its place in the configuration.
func keyProblems(file *config.File, err error) config.Problems {
	byName := make(map[string]error)
	for _, one := range unjoin(err) {
		if k, ok := errors.AsType[*key.Error](one); ok {
			byName[k.Identity] = k.Err
		}
	}
	var problems config.Problems
	for _, id := range file.Identities {
		if err, ok := byName[id.Name]; ok {
			hint := ""
			if errors.Is(err, fs.ErrNotExist) {
				hint = "`rhea key new` makes a key; check --skip-keys looks at all else without it"
			}
			problems = append(problems, id.Problem("key", "identity "+id.Name+": "+err.Error(), hint))
		}
	}
	return problems
}

func unjoin(err error) []error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		return many.Unwrap()
	}
	return []error{err}
}

// botOptions are how a bot is run.
type botOptions struct {
	state    string
	dryRun   bool
	once     bool
	drain    time.Duration
	sandbox  string // the address of the relay that stands for all others; "" for none
	observer engine.Observer
	log      *slog.Logger
}

// runBot puts the rooms together and runs them until ctx ends.
func (a *app) runBot(ctx context.Context, file *config.File, ids map[string]engine.Identity, o botOptions) (err error) {
	state, overlay, err := openState(file, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, state.Close()) }()
	o.log.Info("running", "rules", len(file.Rules), "identities", len(ids), "version", Version)

	book := identity.New(identity.Options{Configured: ids, Derive: derives(file), Origins: state, Secrets: a.secrets})
	signerOf := func(pubkey string) engine.Signer { return book.Signer(ctx, pubkey) }
	named := namedRelays(file)
	named[o.sandbox] = true
	network := relay.New(relay.Options{Positions: state, Signer: signerOf, Log: o.log, Guard: guardRelays(named)})
	defer func() { err = errors.Join(err, network.Close()) }()

	var source engine.Source = network
	var publisher engine.Publisher = network
	rules := file.Rules
	if !o.dryRun {
		rules = slices.Concat(rules, profileRules(file))
	}
	if o.sandbox != "" {
		box := sandbox{network: network, url: o.sandbox}
		source, publisher = box, box
		box.replaceRelays(rules)
	}
	agent := web.UserAgent(Version, contact(file, ids))
	private := web.Client(web.Options{AllowPrivate: true, UserAgent: agent})
	public := web.Client(web.Options{AllowPrivate: o.sandbox != "", UserAgent: agent})
	b, err := bot.New(bot.Options{
		Rules: rules, Identities: book, Ledger: state, Journal: state,
		Overlay: overlay,
		Source:  source, Publisher: publisher, RelayLists: relayLists(file, ids, source, resolve()),
		HTTP: func(allowPrivate bool) *http.Client {
			if allowPrivate {
				return private
			}
			return public
		},
		Turn: web.NewQueue().Enter, Dir: filepath.Dir(file.Paths[0]),
		DryRun: o.dryRun, Once: o.once, DrainFor: o.drain, Observer: o.observer, Log: o.log,
	})
	if err != nil {
		return err
	}
	if l, ok := state.(control.State); ok {
		vitals := newVitals(surveyor{l.View(), file, ids, time.Now()}, rules, l, b, func() []control.LinkStatus { return linksOf(network) }, o.log)
		if !o.once {
			defer vitals.begin(ctx)()
		}
		controller := control.New(control.Options{State: l, Bot: b, Secrets: a.secrets, Signers: func(engine.Positions) (control.Signers, error) {
			return signerOf, nil
		}})
		server, err := control.Serve(statePath(file, o.state), controller, vitals.live)
		switch {
		case err == nil:
			defer func() { err = errors.Join(err, server.Close()) }()
		case errors.Is(err, control.ErrNotASocket):
			return err // It is somebody's, and can be moved away.
		default:
			o.log.Warn("running without the control channel: healthcheck, hold, resume, undo and outbox cannot reach this bot", "error", err)
			if err := l.Advertise(control.NoChannel); err != nil {
				return err
			}
		}
	}
	return b.Run(ctx)
}

// derives is how the rules derive identities; nil when none does.
func derives(file *config.File) func(engine.Identity, string) (engine.Identity, error) {
	if slices.ContainsFunc(file.Rules, func(r engine.Rule) bool { return r.Derived != nil }) {
		return identity.Derive
	}
	return nil
}

// contact is whom the servers we ask can turn to: the identity of the first rule.
func contact(file *config.File, ids map[string]engine.Identity) string {
	for _, r := range file.Rules {
		if id, ok := ids[r.Identity]; ok {
			return "nostr:" + id.Npub
		}
	}
	return ""
}
