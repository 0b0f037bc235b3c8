package gate

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/engine/identity"
	"rhea/engine/ledger/memory"
)

// between is a ledger in which something happens while a count is read, and whose positions take a moment to store.
type between struct {
	engine.Ledger
	happens func()
}

func (l *between) Counted(ctx context.Context, counter string, after time.Time) ([]time.Time, error) {
	if h := l.happens; h != nil {
		l.happens = nil
		h()
	}
	return l.Ledger.Counted(ctx, counter, after)
}

func (l *between) Advance(ctx context.Context, p engine.Position) error {
	<-time.After(time.Second)
	return l.Ledger.Advance(ctx, p)
}

func ruleOn(l engine.Ledger, log *slog.Logger) *Rule {
	me := engine.Identity{Name: "main", Signer: enginetest.Signer(enginetest.BotKey)}
	rule := &engine.Rule{Name: "rule", Identity: "main"}
	clock := engine.Clock{}.OnWall()
	gates := New(Options{
		Rules: []engine.Rule{*rule}, Identities: identity.New(identity.Options{Configured: map[string]engine.Identity{"main": me}}),
		Ledger: l, Clock: clock, Log: log,
	})
	return gates.Of(RuleOptions{Rule: rule, Identity: me, Ledger: l, Log: log})
}

// TestHoldMeanwhile has another signal hold the rule while this one is counted: what came before the hold counts no more,
// so the hold itself must stop it.
func TestHoldMeanwhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &between{Ledger: memory.New()}
		r := ruleOn(l, slog.New(slog.DiscardHandler))
		l.happens = func() {
			over := &excess{budget: budget{counter: "other", rules: []string{"rule"}}, reason: "too much"}
			r.facts.gates.floods.hold(t.Context(), "rule", over, time.Now())
		}
		c := &Candidate{Signal: engine.Signal{Key: "item"}, Now: time.Now()}
		events := []nostr.Event{{Kind: 1, PubKey: r.facts.pubkey(), Content: "hello"}}
		got, err := r.Reserve(t.Context(), c, events, false)
		if err != nil || got.Gate != "hold" || got.Verdict.Outcome != engine.RateLimited || !got.Verdict.Held {
			t.Errorf("Reserve = %+v, %v", got, err)
		}
		if w := r.facts.gates.floods.windows.kept[floodCounter("rule", "rule")]; w.pending != 0 {
			t.Errorf("%d events still count", w.pending)
		}
		if !r.facts.gates.repeats.publish(r.parts().budgets.fingerprints(c, events)) {
			t.Error("the text still counts as being published")
		}
	})
}

// TestHoldOnce has three signals exceed a budget at the same moment: the operator is told once.
func TestHoldOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		l := &between{Ledger: memory.New()}
		f := ruleOn(l, slog.New(slog.NewTextHandler(&said, nil))).facts.gates.floods
		over := &excess{budget: budget{counter: "rule", rules: []string{"rule"}}, reason: "too much"}
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() { f.hold(t.Context(), "rule", over, time.Now()) })
		}
		all.Wait()
		f.hold(t.Context(), "rule", over, time.Now()) // It was counted before the hold.
		if n := strings.Count(said.String(), "msg=held"); n != 1 {
			t.Errorf("told %d times:\n%s", n, said.String())
		}
	})
}
