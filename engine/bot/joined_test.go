package bot_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/bot"
	"rhea/engine/identity"
	"rhea/engine/ledger/memory"
)

// reluctant is a source that answers nobody until it is given up, and takes a moment to stop then.
type reluctant struct {
	engine.Source

	asked, asking atomic.Int32
}

func (r *reluctant) Fetch(ctx context.Context, _ []string, _ nostr.Filter) ([]nostr.Event, error) {
	r.asked.Add(1)
	r.asking.Add(1)
	defer r.asking.Add(-1)
	<-ctx.Done()
	<-time.After(time.Second)
	return nil, errors.New("given up")
}

// TestNothingAsksAfterRun has people answered by a bot that runs once, whose look-ups nobody answers: when Run has
// returned, none of them is on its way, and none begins.
func TestNothingAsksAfterRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &reluctant{}
		note := eventSignal(note(t, strangerKey, "hello", time.Now()), fine)
		trigger := engine.NewTriggerKind[struct{}, noteData]("once", struct{}{}, func(struct{}, engine.Setup) (engine.Trigger, error) {
			return triggerFunc(func(ctx context.Context, in engine.Intake) error { return in.Emit(ctx, note) }), nil
		})
		trigger.Addressed = true
		ledger := memory.New()
		bot, err := bot.New(bot.Options{
			Rules: []engine.Rule{{
				Name: "rule", Identity: "main", Relays: []string{"wss://one.example"},
				Triggers: []engine.RuleTrigger{{Kind: trigger, Config: struct{}{}, Relays: []string{"wss://one.example"}}},
				Steps:    []engine.Step{{Kind: "say", Action: say("hi")}},
			}},
			Identities: identity.New(identity.Options{Configured: map[string]engine.Identity{"main": {Name: "main", Npub: "npub1bot", Signer: signer(botKey)}}}),
			Ledger:     ledger, Publisher: &wire{}, Source: source, Once: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := bot.Run(t.Context()); err != nil {
			t.Error(err)
		}
		asked := source.asked.Load()
		if n := source.asking.Load(); n != 0 || asked == 0 {
			t.Errorf("%d of %d questions are on their way after Run has returned", n, asked)
		}
		<-time.After(time.Hour)
		if n := source.asked.Load(); n != asked {
			t.Errorf("%d questions were asked after Run had returned", n-asked)
		}
	})
}
