package profile_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"
	"github.com/nbd-wtf/go-nostr/nip13"

	"rhea/engine"
	"rhea/engine/bot"
	"rhea/engine/identity"
	"rhea/engine/ledger/memory"
	"rhea/engine/profile"
)

// picky is relays that do not take everything.
type picky struct {
	*world
	no func(e nostr.Event) error
}

func (p *picky) Publish(ctx context.Context, relay string, e nostr.Event) error {
	if err := p.no(e); err != nil {
		return err
	}
	return p.world.Publish(ctx, relay, e)
}

// TestPickyRelays has relays that want work for a profile, or bar its author for a while.
func TestPickyRelays(t *testing.T) {
	t.Parallel()
	work := func(e nostr.Event) error {
		if nip13.Difficulty(e.ID) < 10 {
			return &engine.Rejection{Code: engine.CodePoW, Reason: "pow: 10 bits needed", PoW: 10}
		}
		return nil
	}
	bar := func(code engine.OKCode) func(time.Time) func(nostr.Event) error {
		return func(start time.Time) func(nostr.Event) error {
			return func(nostr.Event) error {
				if time.Since(start) < 2*time.Hour {
					return &engine.Rejection{Code: code, Reason: "who are you?"}
				}
				return nil
			}
		}
	}
	for name, tt := range map[string]struct {
		no     func(start time.Time) func(nostr.Event) error
		budget engine.PoWBudget
		want   int
	}{
		"pow":           {func(time.Time) func(nostr.Event) error { return work }, engine.PoWBudget{}, 3},
		"pow too dear":  {func(time.Time) func(nostr.Event) error { return work }, engine.PoWBudget{Bits: 9, Time: time.Minute}, 0},
		"blocked":       {bar(engine.CodeBlocked), engine.PoWBudget{}, 3},
		"restricted":    {bar(engine.CodeRestricted), engine.PoWBudget{}, 3},
		"auth-required": {bar(engine.CodeAuthRequired), engine.PoWBudget{}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := &picky{newWorld(), tt.no(time.Now())}
				id := mainIdentity()
				id.Relays, id.PoW = []string{"wss://one"}, tt.budget
				e, err := bot.New(bot.Options{
					Rules:      profile.Rules([]profile.Identity{id}),
					Identities: identity.New(identity.Options{Configured: map[string]engine.Identity{"main": {Name: "main", Signer: signer{}}}}),
					Ledger:     memory.New(), Source: w, Publisher: w,
				})
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 8*time.Hour)
				defer cancel()
				if err := e.Run(ctx); err != nil {
					t.Error(err)
				}
				if got := w.events["wss://one"]; len(got) != tt.want {
					t.Errorf("the relay has %d events, want %d", len(got), tt.want)
				}
			})
		})
	}
}
