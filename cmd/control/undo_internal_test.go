package control

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/ledger"
	"rhea/engine/ledger/sqlite"
)

// undoKey signs, and lets something happen at its first signature.
type undoKey struct {
	key   string
	first func()
}

func (k *undoKey) PublicKey() string { pk, _ := nostr.GetPublicKey(k.key); return pk }

func (k *undoKey) Sign(_ context.Context, e *nostr.Event) error {
	if k.first != nil {
		k.first()
		k.first = nil
	}
	return e.Sign(k.key)
}

// undone is a rule that has published a note to each relay of the list.
func undone(t *testing.T, key *undoKey, relays ...string) (*sqlite.Ledger, nostr.Event) {
	t.Helper()
	l, err := sqlite.Open(filepath.Join(t.TempDir(), "rhea.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	e := nostr.Event{Kind: 1, CreatedAt: nostr.Now(), Content: "note"}
	if err := e.Sign(key.key); err != nil {
		t.Fatal(err)
	}
	entry := engine.Entry{Rule: "rule", Key: "k", Decision: engine.Decision{At: time.Now(), Rule: "rule", Key: "k", Outcome: engine.Fired}}
	for _, r := range relays {
		entry.Deliveries = append(entry.Deliveries, engine.Delivery{Rule: "rule", Event: e, Relay: r, Quorum: 1, Committed: time.Now()})
	}
	if _, err := l.Commit(t.Context(), entry); err != nil {
		t.Fatal(err)
	}
	return l, e
}

// TestUndoAsksWhoMayHaveIt plans to ask every relay that has an event, or may have it without having said so.
func TestUndoAsksWhoMayHaveIt(t *testing.T) {
	t.Parallel()
	ends := map[string]engine.Settlement{
		"wss://has":    {State: engine.Accepted},
		"wss://may":    {State: engine.GivenUp, Reason: "no answer: publish: connection reset"},
		"wss://never":  {State: engine.GivenUp, Reason: "unreachable: refused"},
		"wss://said":   {State: engine.Rejected, Reason: "blocked: no answer: is one"},
		"wss://waited": {State: engine.GivenUp, Reason: ledger.Dropped},
	}
	l, e := undone(t, &undoKey{key: nostr.GeneratePrivateKey()}, "wss://has", "wss://may", "wss://never", "wss://said", "wss://waited")
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	settled := make(chan struct{}, len(ends))
	done := make(chan error, 1)
	go func() {
		done <- l.Drain(ctx, nil, func(_ context.Context, d engine.Delivery, _ func()) engine.Settlement {
			settled <- struct{}{}
			return ends[d.Relay]
		})
	}()
	for ; n < len(ends); n++ {
		<-settled
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	plan, err := PlanUndo(t.Context(), l.Reader, "rule", time.Now().Add(-time.Hour), time.Now())
	if err != nil || len(plan.Events) != 1 || len(plan.Drops) != 0 {
		t.Fatalf("%+v, %v", plan, err)
	}
	slices.Sort(plan.Events[0].Relays)
	if got := plan.Events[0]; got.ID != e.ID || !slices.Equal(got.Relays, []string{"wss://has", "wss://may"}) {
		t.Errorf("asks %v about %s", got.Relays, got.ID)
	}
}

// TestUndoFindsTheNewID has an event signed again while it is being taken back.
func TestUndoFindsTheNewID(t *testing.T) {
	t.Parallel()
	key := &undoKey{key: nostr.GeneratePrivateKey()}
	l, e := undone(t, key, "wss://one")
	anew := e
	anew.CreatedAt++
	if err := anew.Sign(key.key); err != nil {
		t.Fatal(err)
	}
	key.first = func() {
		d := engine.Delivery{Number: 1, Event: e, Relay: "wss://one"}
		if done, err := l.Replace(t.Context(), d, anew, engine.Decision{At: time.Now(), Rule: "rule"}); done != engine.Replaced || err != nil {
			t.Errorf("replace = %v, %v", done, err)
		}
	}
	d := New(Options{State: l, Signers: func(engine.Positions) (Signers, error) { return func(string) engine.Signer { return key }, nil }})
	answer, err := d.Undo(t.Context(), UndoOrder{Rule: "rule", Since: time.Now().Add(-time.Hour), Until: time.Now()})
	if err != nil || answer.Dropped != 1 || len(answer.Requests) != 2 {
		t.Errorf("%+v, %v", answer, err)
	}
	var named []string
	for owed, err := range l.Deliveries(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		for tag := range owed.Event.Tags.FindAll("e") {
			named = append(named, tag[1])
		}
		if owed.Event.ID == anew.ID && owed.State != engine.GivenUp {
			t.Errorf("the note is %s", owed.State)
		}
	}
	if !slices.Contains(named, e.ID) || !slices.Contains(named, anew.ID) {
		t.Errorf("asked to delete %v, want %s and %s", named, e.ID, anew.ID)
	}
}
