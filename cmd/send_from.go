package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"slices"
	"strings"

	"github.com/nbd-wtf/go-nostr"

	"rhea/cmd/control"
	"rhea/cmd/screen"
	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/key"
	"rhea/engine/ledger"
	"rhea/engine/ledger/memory"
	"rhea/engine/relay"
)

// sender is who sends, to where, and what keeps it meanwhile.
type sender struct {
	pubkey string
	// signer is nil when only the running bot can sign.
	signer engine.Signer
	relays []string
	// kept is the path of the state; "" without a configuration. Running says that a bot runs on it.
	kept    string
	running bool
	pow     engine.PoWBudget
	guard   func(relay string, to netip.Addr) error
}

// sender finds who sends: a key that is named, or an identity of the configuration.
func (a *app) sender(ctx context.Context, o sendOptions) (*sender, error) {
	var relays []string
	for _, address := range o.relays {
		url, err := relay.Normalize(address)
		if err != nil {
			return nil, usage("--relay: %w", err)
		}
		if !slices.Contains(relays, url) {
			relays = append(relays, url)
		}
	}
	if o.keyEnv == "" && o.keyFile == "" {
		return a.configuredSender(ctx, o, relays)
	}
	if o.identity != "" || o.state != "" || o.keyEnv != "" && o.keyFile != "" {
		return nil, usage("--key-env and --key-file exclude each other, --identity and --state: a key that is named needs no configuration")
	}
	if len(relays) == 0 {
		return nil, usage("--relay says where to send it, such as --relay wss://relay.example")
	}
	return a.keyedSender(o, relays)
}

// keyedSender opens a key that is named.
func (a *app) keyedSender(o sendOptions, relays []string) (*sender, error) {
	ref := engine.SecretRef{Env: o.keyEnv, File: o.keyFile}
	if o.passphraseEnv != "" {
		ref.Passphrase = &engine.SecretRef{Env: o.passphraseEnv}
	}
	signers, warnings, err := a.openKeys(map[string]engine.SecretRef{"key": ref}, ".")
	for _, w := range warnings {
		printLine(a.Err, "warning: %s", w)
	}
	if wrong, ok := errors.AsType[*key.Error](err); ok {
		err = wrong.Err
	}
	switch {
	case o.keyFile != "" && errors.Is(err, fs.ErrNotExist):
		return nil, usage("there is no file %s; `rhea key new --file %[1]s` makes a new key", o.keyFile)
	case err != nil:
		return nil, usage("the key cannot be opened: %w", err)
	}
	signer := signers["key"]
	return &sender{pubkey: signer.PublicKey(), signer: signer, relays: relays, pow: engine.DefaultPoWBudget(), guard: guardRelays(set(relays))}, nil
}

// configuredSender finds the identity, and whether a bot runs that sends for it. That bot has the key.
func (a *app) configuredSender(ctx context.Context, o sendOptions, relays []string) (*sender, error) {
	file, err := a.read(false)
	if missing, ok := errors.AsType[config.Missing](err); ok {
		return nil, usage("%s; write one with `rhea init`, or name a key and relays: --key-env NAME --relay wss://relay.example", missing.Error())
	}
	if err != nil {
		return nil, err
	}
	id, err := chooseIdentity(file, o.identity)
	if err != nil {
		return nil, err
	}
	named := namedRelays(file)
	for _, r := range relays {
		named[r] = true
	}
	s := &sender{relays: relays, kept: statePath(file, o.state), pow: file.PoW, guard: guardRelays(named)}
	if len(s.relays) == 0 {
		s.relays = homeOf(file, id)
	}
	if len(s.relays) == 0 {
		return nil, usage("the configuration has no relays that all rules share; name some with --relay")
	}
	live, err := control.Ask(ctx, s.kept)
	if err != nil {
		return nil, failed(err)
	}
	if live == nil {
		ids, err := a.identities(file)
		if err != nil {
			return nil, err
		}
		s.signer = ids[id.Name].Signer
		s.pubkey = s.signer.PublicKey()
		return s, nil
	}
	s.running = true
	i := slices.IndexFunc(live.Identities, func(l control.LiveIdentity) bool { return l.Name == id.Name })
	if i < 0 {
		return nil, failed(fmt.Errorf("the running bot has no identity %s: it was started before that was written; restart it", id.Name))
	}
	s.pubkey = live.Identities[i].Pubkey
	return s, nil
}

// chooseIdentity finds an identity by its name; without one main, or the only one.
func chooseIdentity(file *config.File, name string) (config.Identity, error) {
	names := make([]string, len(file.Identities))
	for i, id := range file.Identities {
		names[i] = id.Name
	}
	wanted := name
	switch {
	case name == "" && len(names) == 1:
		wanted = names[0]
	case name == "":
		wanted = "main"
	}
	if i := slices.Index(names, wanted); i >= 0 {
		return file.Identities[i], nil
	}
	if name == "" {
		return config.Identity{}, usage("--identity says who sends it: %s", strings.Join(names, ", "))
	}
	return config.Identity{}, usage("--identity: there is no identity %s; there is %s", name, strings.Join(names, ", "))
}

// network is how relays are spoken with as the sender.
func (s *sender) network() relay.Options {
	o := relay.Options{Positions: memory.New(), Guard: s.guard}
	if s.signer != nil {
		o.Pubkey, o.Signer = s.pubkey, func(string) engine.Signer { return s.signer }
	}
	return o
}

// heir says who goes on when this process is stopped.
func (s *sender) heir() string {
	if s.running {
		return "the running bot goes on"
	}
	return "the next run of the bot goes on"
}

// recall finds the event that is answered in the outbox, where it may be named by how its id begins.
func (s *sender) recall(ctx context.Context, m *message, run *engine.Run) error {
	prefix, err := eventPrefix(m.answers)
	if m.answers == "" || s.kept == "" || err != nil {
		return nil // It may be an address, which relays know.
	}
	if _, err := os.Stat(s.kept); err != nil {
		return nil // There is no state yet.
	}
	items, err := (stateRef{path: s.kept}).find(ctx, ledger.OutboxQuery{Event: prefix})
	if err != nil || len(items) == 0 {
		return err
	}
	if err := oneEvent(items, screen.Short(prefix)); err != nil {
		return err
	}
	m.answers, run.Drafted = items[0].Event.ID, []nostr.Event{items[0].Event}
	return nil
}

func set(words []string) map[string]bool {
	all := make(map[string]bool, len(words))
	for _, w := range words {
		all[w] = true
	}
	return all
}
