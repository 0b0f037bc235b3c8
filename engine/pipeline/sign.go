package pipeline

import (
	"context"
	"errors"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/sign"
)

// actor is whom the signal is answered as; the rule's own identity before that is known.
func (p *Pipeline) actor(a *attempt) engine.Identity {
	if a.As.Signer == nil {
		return p.opts.Identity
	}
	return a.As
}

// sign finishes the drafts of one action and says to whom they are owed.
func (p *Pipeline) sign(ctx context.Context, a *attempt, drafts []engine.Draft, id engine.Identity, to targets) ([]nostr.Event, []engine.Delivery, error) {
	var made []nostr.Event
	var owed []engine.Delivery
	finisher := sign.Finisher{
		Signer: id.Signer, Mentions: engine.ScopeOf(a.Data).Mentions(), Now: a.Now, Date: p.date, Secrets: p.opts.Secrets,
	}
	for _, d := range drafts {
		e, err := finisher.Finish(ctx, d)
		if err != nil {
			return nil, nil, err
		}
		made = append(made, e)
		relays := to.of(ctx, d, e)
		if len(relays) == 0 {
			return nil, nil, errors.New("there is no relay to publish to")
		}
		for _, relay := range relays {
			owed = append(owed, engine.Delivery{
				Rule: p.opts.Rule.Name, Event: e, Relay: relay, Retry: p.opts.Rule.Retry, Quorum: p.opts.Rule.Quorum,
				Committed: a.Now, State: engine.Pending,
			})
		}
	}
	return made, owed, nil
}

// date makes a version of a replaceable event newer than the one before it.
func (p *Pipeline) date(ctx context.Context, e *nostr.Event) error {
	if p.opts.Dry {
		return nil
	}
	return p.opts.Versions.Date(ctx, p.opts.Ledger, e)
}

// targets says where the events of one action go.
type targets struct {
	relays []string
	outbox bool
	lists  engine.RelayLists
}

// of returns the relays for one event. Those of its draft come first: they are the only right ones.
func (t targets) of(ctx context.Context, d engine.Draft, e nostr.Event) []string {
	switch {
	case d.Relays != nil:
		return d.Relays
	case t.outbox && t.lists != nil:
		return t.lists.Targets(ctx, e, t.relays)
	}
	return t.relays
}
