package bot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
)

// counter is an action that says how often it has said something, as far as the ledger knows.
type counter struct {
	fail func(text string) bool

	mu   sync.Mutex
	said []string
}

// Act implements [engine.Action].
func (c *counter) Act(_ context.Context, run engine.Run) (engine.Result, error) {
	scope := engine.ScopeOf(run.Data)
	stored, err := scope.Drawn("list")
	if err != nil {
		return engine.Result{}, err
	}
	n, _ := strconv.Atoi(stored)
	scope.Draw("list", strconv.Itoa(n+1))
	text := run.Data.(*noteData).Text
	c.mu.Lock()
	c.said = append(c.said, fmt.Sprint(text, n))
	c.mu.Unlock()
	if c.fail != nil && c.fail(text) {
		return engine.Result{}, errors.New("no")
	}
	return engine.Result{Drafts: []engine.Draft{{Kind: 1, Content: fmt.Sprint(text, n)}}}, nil
}

// fullOnce is a ledger whose disk is full for one commit.
type fullOnce struct {
	engine.Ledger
	at      string
	refused bool
}

func (f *fullOnce) Commit(ctx context.Context, e engine.Entry) (bool, error) {
	if e.Key == f.at && !f.refused {
		f.refused = true
		return false, errors.New("the disk is full")
	}
	return f.Ledger.Commit(ctx, e)
}

func planned(keys ...string) []engine.Signal {
	var all []engine.Signal
	for _, k := range keys {
		all = append(all, engine.Signal{Key: k, Time: time.Now(), Data: &noteData{Text: k[:1]}})
	}
	return all
}

func TestCycleGoesOnWithWhatIsStored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		act := &counter{fail: func(text string) bool { return text == "x" }}
		first := newBench(planned("a1", "x1", "a2", "b1", "b1", "c1")...)
		first.rule.Cycles = true
		first.rule.Steps = []engine.Step{{Kind: "say", Action: act}}
		first.store = &fullOnce{Ledger: first.ledger, at: "b1"}
		first.run(t, time.Minute)

		dry := newBench(planned("d1", "d2")...)
		dry.rule.Steps, dry.ledger, dry.dry = first.rule.Steps, first.ledger, true
		dry.run(t, time.Minute)

		after := newBench(planned("e1")...)
		after.rule.Steps, after.ledger = first.rule.Steps, first.ledger
		after.run(t, time.Minute)
		// What failed (x) or was not stored (b) is drawn again; a dry run takes nothing from the real ones.
		if want := []string{"a0", "x1", "a1", "b2", "b2", "c3", "d4", "d5", "e4"}; !slices.Equal(act.said, want) {
			t.Errorf("said %v, want %v", act.said, want)
		}
	})
}

func TestFailedStepDrawsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		act := &counter{fail: func(text string) bool { return text == "x" }}
		b := newBench(planned("x1", "a1")...)
		b.rule.Steps = []engine.Step{{Kind: "say", Action: act, Continue: true}, {Kind: "say", Action: say("hi")}}
		b.run(t, time.Minute)
		if want := []string{"x0", "a0"}; !slices.Equal(act.said, want) {
			t.Errorf("said %v, want %v", act.said, want)
		}
	})
}

// rush emits everything at once.
type rush struct{ script }

// Run implements [engine.Trigger].
func (c *rush) Run(ctx context.Context, in engine.Intake) error {
	var all sync.WaitGroup
	for _, s := range c.signals {
		all.Go(func() { _ = in.Emit(ctx, s) })
	}
	all.Wait()
	close(c.done)
	<-ctx.Done()
	return nil
}

func TestCycleOfManyAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var keys []string
		for i := range 50 {
			keys = append(keys, fmt.Sprint("a", i))
		}
		act := new(counter)
		b := newBench()
		c := &rush{script{signals: planned(keys...), done: b.script.done}}
		b.rule.Triggers[0].Kind = engine.NewTriggerKind[struct{}, noteData]("rush", struct{}{},
			func(struct{}, engine.Setup) (engine.Trigger, error) { return c, nil })
		b.rule.Cycles, b.rule.Concurrency, b.store = true, 50, slowDisk{b.ledger}
		b.rule.Steps = []engine.Step{{Kind: "say", Action: act}}
		b.run(t, time.Minute)
		if slices.Sort(act.said); len(act.said) != 50 || len(slices.Compact(act.said)) != 50 {
			t.Errorf("two runs drew the same: %v", act.said)
		}
	})
}
