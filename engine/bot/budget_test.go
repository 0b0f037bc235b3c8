package bot_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/bot"
	"rhea/engine/identity"
	"rhea/engine/ledger/memory"
)

// census counts what was published by whom and when.
type census struct {
	mu   sync.Mutex
	made map[string][]time.Time
	own  int // answers to an own event
	keys []string
}

func (c *census) Decided(d engine.Decision, events []nostr.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range events {
		c.made[e.PubKey] = append(c.made[e.PubKey], time.Now())
		if p := e.Tags.Find("p"); p != nil && slices.Contains(c.keys, p[1]) {
			c.own++
		}
	}
}
func (c *census) Settled(engine.Delivery, engine.Settlement) {}

// TestBudgetHoldsAlways is the promise itself: whatever comes in, from whom and when, over restarts and with several
// rules at once, no identity publishes more than its budget in any window, and none is ever answered.
func TestBudgetHoldsAlways(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { budgetHolds(t, rand.New(rand.NewPCG(seed, 5))) })
		})
	}
}

func budgetHolds(t *testing.T, random *rand.Rand) {
	budgets := []engine.Rate{
		{Count: 1 + random.IntN(20), Per: time.Duration(1+random.IntN(60)) * time.Second},
		{Count: 1 + random.IntN(40), Per: time.Duration(1+random.IntN(60)) * time.Minute},
	}
	second := "0000000000000000000000000000000000000000000000000000000000000005"
	ids := map[string]engine.Identity{
		"main": {Name: "main", Signer: signer(botKey), FloodStop: budgets}, "second": {Name: "second", Signer: signer(second), FloodStop: budgets},
	}
	seen := &census{made: make(map[string][]time.Time), keys: []string{signer(botKey).PublicKey(), signer(second).PublicKey()}}
	authors := []string{botKey, second, strangerKey, Key(1), Key(2)}
	store := memory.NewStore()
	n := 0
	for range 3 { // restarts
		var rules []engine.Rule
		for i, id := range []string{"main", "main", "second"} {
			signals := make([]engine.Signal, random.IntN(40))
			for j := range signals {
				n++
				signals[j] = eventSignal(note(t, authors[random.IntN(len(authors))], fmt.Sprint(n), time.Now()), fine)
				if random.IntN(3) == 0 {
					signals[j] = later(signals[j], time.Duration(random.IntN(90))*time.Second)
				}
			}
			rule := engine.Rule{
				Name: fmt.Sprint("rule ", i), Identity: id, Relays: []string{"wss://one.example"},
				Triggers: []engine.RuleTrigger{{Kind: scripted(signals), Config: struct{}{}}},
				Steps:    []engine.Step{{Kind: "reply", Action: replying}, {Kind: "say", Action: say(fmt.Sprint(i)), Identity: "second"}},
			}
			rule.Steps = rule.Steps[:1+random.IntN(2)]
			rules = append(rules, rule)
		}
		ledger := store.Open()
		e, err := bot.New(bot.Options{
			Rules:      rules,
			Identities: identity.New(identity.Options{Configured: ids}), Ledger: ledger, Publisher: &wire{}, Observer: seen, Once: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := ledger.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if seen.own > 0 {
		t.Errorf("%d answers to own events", seen.own)
	}
	for pubkey, made := range seen.made {
		slices.SortFunc(made, time.Time.Compare)
		for i, at := range made {
			for _, b := range budgets {
				within := 0
				for _, before := range made[:i+1] {
					if before.After(at.Add(-b.Per)) {
						within++
					}
				}
				if within > b.Count {
					t.Fatalf("%s published %d events within %s, the most is %s", pubkey, within, b.Per, b)
				}
			}
		}
	}
}

// scripted is a kind of trigger that emits signals side by side and is through.
func scripted(signals []engine.Signal) engine.TriggerKind {
	return engine.NewTriggerKind[struct{}, noteData]("scripted", struct{}{}, func(struct{}, engine.Setup) (engine.Trigger, error) {
		return triggerFunc(func(ctx context.Context, in engine.Intake) error {
			var all sync.WaitGroup
			lanes := 4
			for lane := range lanes {
				all.Go(func() {
					for i := lane; i < len(signals); i += lanes {
						if in.Emit(ctx, signals[i]) != nil {
							return
						}
					}
				})
			}
			all.Wait()
			return nil
		}), nil
	})
}
