package cmd

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/cmd/control"
	"rhea/engine"
	"rhea/engine/delivery"
	"rhea/engine/ledger"
	"rhea/engine/ledger/memory"
	"rhea/engine/relay"
)

// sentEvent is an event on its way.
type sentEvent struct {
	event  nostr.Event
	relays []string
	// look returns what has become of it at each relay.
	look func(ctx context.Context) ([]engine.Delivery, error)
	// links are the connections of whoever sends it.
	links func(ctx context.Context) []control.LinkStatus
	// end stops what sends it, if that is in this process.
	end func() error
}

// post has an event sent: by the running bot, or else from the state by this process, or else from memory.
func (a *app) post(ctx context.Context, from *sender, network *relay.Network, order control.SendOrder) (*sentEvent, error) {
	switch {
	case from.running:
		return a.postByBot(ctx, from, order)
	case from.kept != "":
		return a.postFromState(ctx, from, network, order)
	}
	entry, err := control.SendEntry(ctx, order, from.signer, a.secrets)
	if err != nil {
		return nil, err
	}
	owed := memory.New()
	if _, err := owed.Commit(ctx, entry); err != nil {
		return nil, err
	}
	o := a.delivering(from, network)
	o.Ledger = owed
	stop := during(ctx, delivery.New(o).Run)
	look := func(ctx context.Context) (all []engine.Delivery, err error) {
		for d, err := range owed.Deliveries(ctx) {
			if err != nil {
				return nil, err
			}
			all = append(all, d)
		}
		return all, nil
	}
	return &sentEvent{entry.Deliveries[0].Event, from.relays, look, linksIn(network), func() error { return errors.Join(stop(), owed.Close()) }}, nil
}

// postByBot hands the event to the running bot.
func (a *app) postByBot(ctx context.Context, from *sender, order control.SendOrder) (*sentEvent, error) {
	bot, running, err := control.Connect(ctx, from.kept, control.Options{Secrets: a.secrets})
	if err != nil {
		return nil, err
	}
	if !running {
		return nil, errors.Join(errors.New("the bot has just ended and nothing was sent; send it again"), bot.Close())
	}
	answer, err := bot.Send(ctx, order)
	if err = errors.Join(err, bot.Close()); err != nil {
		return nil, err
	}
	links := func(ctx context.Context) []control.LinkStatus {
		if live, err := control.Ask(ctx, from.kept); err == nil && live != nil {
			return live.Links
		}
		return nil
	}
	return &sentEvent{answer.Event, from.relays, from.lookUp(answer), links, func() error { return nil }}, nil
}

// postFromState keeps the event in the state, and sends what that holds.
func (a *app) postFromState(ctx context.Context, from *sender, network *relay.Network, order control.SendOrder) (*sentEvent, error) {
	if err := os.MkdirAll(filepath.Dir(from.kept), 0o700); err != nil {
		return nil, err
	}
	state, err := openSoon(ctx, from.kept)
	if err != nil {
		return nil, err
	}
	c := control.New(control.Options{State: state, Secrets: a.secrets, Signers: func(engine.Positions) (control.Signers, error) {
		return from.signerOf, nil
	}})
	answer, err := c.Send(ctx, order)
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	stop := during(ctx, func(ctx context.Context) error { return c.Deliver(ctx, a.delivering(from, network)) })
	return &sentEvent{answer.Event, from.relays, from.lookUp(answer), linksIn(network), func() error { return errors.Join(stop(), c.Close()) }}, nil
}

// linksIn are the connections of this process.
func linksIn(network *relay.Network) func(context.Context) []control.LinkStatus {
	return func(context.Context) []control.LinkStatus { return linksOf(network) }
}

// lockWait is how long a state is waited for that another process, such as another send, has open.
const lockWait = 10 * time.Second

// openSoon opens a state, when it is free.
func openSoon(ctx context.Context, path string) (control.State, error) {
	ctx, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	for {
		state, err := control.Open(path)
		if !errors.Is(err, control.ErrInUse) || !engine.Wait(ctx, 100*time.Millisecond) {
			return state, err
		}
	}
}

// delivering are the options for sending in this process.
func (a *app) delivering(from *sender, network *relay.Network) delivery.Options {
	return delivery.Options{
		Publisher: network, Source: network, Signers: oneSigner{from}, Secrets: a.secrets, Log: slog.New(slog.DiscardHandler),
		Work: map[string]engine.PoWBudget{control.SendRule: from.pow},
	}
}

// signerOf returns the sender's signer, nil for other keys.
func (s *sender) signerOf(pubkey string) engine.Signer {
	if pubkey != s.pubkey {
		return nil
	}
	return s.signer
}

// oneSigner is a sender as [delivery.Signers].
type oneSigner struct{ *sender }

// Signer implements [delivery.Signers].
func (o oneSigner) Signer(_ context.Context, pubkey string) engine.Signer { return o.signerOf(pubkey) }

// lookUp reads from the state what became of what was sent, also when a relay wanted work and the event has another id.
func (s *sender) lookUp(sent control.SendAnswer) func(context.Context) ([]engine.Delivery, error) {
	q := ledger.OutboxQuery{Rule: control.SendRule, Since: sent.Committed, Until: sent.Committed}
	return func(ctx context.Context) (all []engine.Delivery, err error) {
		items, err := (stateRef{path: s.kept}).find(ctx, q)
		for _, i := range items {
			all = append(all, i.Delivery)
		}
		return all, err
	}
}

// during runs something until stop is called, which returns its error.
func during(ctx context.Context, run func(context.Context) error) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	return func() error {
		cancel()
		return <-ended
	}
}
