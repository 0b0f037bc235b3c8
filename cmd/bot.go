package cmd

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"rhea/cmd/control"
	"rhea/cmd/screen"
	"rhea/engine"
	"rhea/engine/bot"
	"rhea/engine/config"
	"rhea/engine/identity"
	"rhea/engine/ledger"
	"rhea/engine/ledger/memory"
	"rhea/engine/relay"
	"rhea/engine/web"
)

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
	b, err := bot.New(bot.Options{
		Rules: rules, Identities: book, Ledger: state, Journal: state,
		Overlay: overlay,
		Source:  source, Publisher: publisher, RelayLists: relayLists(file, ids, source, resolve()),
		HTTP: clients(web.UserAgent(Version, contact(file, ids)), o.sandbox != ""),
		Turn: web.NewQueue().Enter, Dir: filepath.Dir(file.Paths[0]),
		DryRun: o.dryRun, Once: o.once, DrainFor: o.drain, Observer: o.observer, Log: o.log,
	})
	if err != nil {
		return err
	}
	links := func() []control.LinkStatus { return linksOf(network) }
	if l, ok := state.(control.State); ok {
		health := newHealth(stateChecks{l.View(), file, ids, time.Now()}, rules, l, b, links, o.log)
		if !o.once {
			defer health.begin(ctx)()
		}
		controller := control.New(control.Options{State: l, Bot: b, Secrets: a.secrets, Signers: func(engine.Positions) (control.Signers, error) {
			return signerOf, nil
		}})
		server, err := control.Serve(statePath(file, o.state), controller, func(ctx context.Context) control.LiveStatus {
			live := health.live(ctx)
			live.Identities = liveIdentities(file, ids)
			return live
		})
		switch {
		case err == nil:
			defer func() { err = errors.Join(err, server.Close()) }()
		case errors.Is(err, control.ErrNotASocket):
			return err // The user can move the file away.
		default:
			o.log.Warn("running without the control channel: healthcheck, hold, resume, undo and outbox cannot reach this bot", "error", err)
			if err := l.Advertise(control.NoChannel); err != nil {
				return err
			}
		}
	}
	if o.sandbox != "" {
		end := a.receiveVisitors(reception{file, ids, o.sandbox, links, state, o.log})
		defer func() { err = errors.Join(err, end()) }()
	}
	start := a.bannerOf(file, o)
	start.ids, start.rules, start.stored, start.links = ids, rules, state, links
	defer start.begin(ctx)()
	return b.Run(ctx)
}

// bannerOf says how the bot is run.
func (a *app) bannerOf(file *config.File, o botOptions) banner {
	b := banner{
		file: file, state: statePath(file, o.state), dry: o.dryRun, once: o.once, inSandbox: o.sandbox != "", log: o.log,
		asJSON: a.logFormat == "json", out: a.Err, paint: screen.Paint{On: a.colours(a.inner.Err), Ink: a.ink},
	}
	if o.sandbox != "" && o.state == "" {
		b.state = ""
	}
	return b
}

// clients returns the HTTP clients of a bot: one for private networks, which also a sandbox is in, and one for all others.
func clients(agent string, sandbox bool) func(allowPrivate bool) *http.Client {
	private := web.Client(web.Options{AllowPrivate: true, UserAgent: agent})
	public := web.Client(web.Options{AllowPrivate: sandbox, UserAgent: agent})
	return func(allowPrivate bool) *http.Client {
		if allowPrivate {
			return private
		}
		return public
	}
}

// liveIdentities names those that the bot can sign as.
func liveIdentities(file *config.File, ids map[string]engine.Identity) []control.LiveIdentity {
	var all []control.LiveIdentity
	for _, id := range file.Identities {
		all = append(all, control.LiveIdentity{Name: id.Name, Pubkey: ids[id.Name].Signer.PublicKey()})
	}
	return all
}

// derives returns how the rules derive identities, nil when no rule does.
func derives(file *config.File) func(engine.Identity, string) (engine.Identity, error) {
	if slices.ContainsFunc(file.Rules, func(r engine.Rule) bool { return r.Derived != nil }) {
		return identity.Derive
	}
	return nil
}

// contact names the bot to the servers it asks: the identity of the first rule.
func contact(file *config.File, ids map[string]engine.Identity) string {
	for _, r := range file.Rules {
		if id, ok := ids[r.Identity]; ok {
			return "nostr:" + id.Npub
		}
	}
	return ""
}

// stateLedger is what a bot asks of its state.
type stateLedger interface {
	engine.Ledger
	engine.Journal
}

// openState opens the ledger of the bot, and returns how to make the throw-away ledger of a rule that runs dry. A
// sandbox and a dry run leave no trace in the state file; a dry run reads it, also while the bot itself is running.
func openState(file *config.File, o botOptions) (state stateLedger, overlay func() engine.Ledger, err error) {
	switch path := statePath(file, o.state); {
	case o.sandbox != "" && o.state == "":
		state = memory.New()
	case o.dryRun:
		reader, err := control.OpenReader(path)
		if errors.Is(err, fs.ErrNotExist) {
			state = memory.New()
			break
		}
		if err != nil {
			return nil, nil, err
		}
		state = dryState{memory.Over(reader), reader}
	default:
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, nil, err
		}
		if state, err = control.Open(path); err != nil {
			return nil, nil, err
		}
	}
	return state, func() engine.Ledger { return memory.Over(state) }, nil
}

// dryState is a state file with everything that is added to it thrown away.
type dryState struct {
	*memory.Overlay
	reader ledger.Reader
}

// Close closes the file as well.
func (d dryState) Close() error { return errors.Join(d.Overlay.Close(), d.reader.Close()) }
