package memory_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
	"rhea/engine/ledger/memory"
)

// TestOverlay runs dry over a ledger. It must see what is there, keep what it adds and leave the base alone.
func TestOverlay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		base := memory.New()
		old := engine.Entry{
			Rule: "r", Key: "old", Position: &engine.Position{Stream: "s", Value: "1"},
			Deliveries: []engine.Delivery{{Relay: "wss://a.example"}},
		}
		commit(t, base, old, true)
		dry := memory.Over(base)
		commit(t, dry, old, false)
		added := engine.Entry{
			Rule: "r", Key: "new", Decision: engine.Decision{Key: "new", Outcome: engine.DryRun},
			Deliveries: []engine.Delivery{{Relay: "wss://b.example"}},
		}
		commit(t, dry, added, true)
		commit(t, dry, added, false)
		for key, want := range map[string]bool{"old": true, "new": true, "none": false} {
			if seen, err := dry.Seen(t.Context(), "r", key); err != nil || seen != want {
				t.Errorf("%s was seen = %v, %v", key, seen, err)
			}
		}
		position(t, dry, "1")
		if err := dry.Advance(t.Context(), engine.Position{Stream: "s", Value: "2"}); err != nil {
			t.Error(err)
		}
		position(t, dry, "2")
		position(t, base, "1")
		if h, err := dry.History(t.Context(), engine.HistoryQuery{}); err != nil || len(h) != 1 || h[0].Key != "new" {
			t.Errorf("history = %v, %v", h, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		start := time.Now()
		err := dry.Drain(ctx, nil, func(context.Context, engine.Delivery, func()) engine.Settlement {
			t.Error("something is delivered")
			return engine.Settlement{State: engine.Accepted}
		})
		if err != nil || time.Since(start) != time.Hour {
			t.Errorf("the drain ended after %v with %v", time.Since(start), err)
		}
		if err := dry.Close(); err != nil {
			t.Error(err)
		}
		commit(t, base, added, true)
	})
}

func commit(t *testing.T, l engine.Ledger, e engine.Entry, want bool) {
	t.Helper()
	if fresh, err := l.Commit(t.Context(), e); err != nil || fresh != want {
		t.Errorf("commit of %s = %v, %v; want %v", e.Key, fresh, err, want)
	}
}

func position(t *testing.T, l engine.Ledger, want string) {
	t.Helper()
	if got, err := l.Position(t.Context(), "s"); err != nil || got != want {
		t.Errorf("position = %q, %v; want %q", got, err, want)
	}
}
