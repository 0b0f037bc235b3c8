package bot_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/bot"
	"rhea/engine/enginetest"
	"rhea/engine/identity"
	"rhea/engine/ledger/memory"
)

const (
	botKey      = "0000000000000000000000000000000000000000000000000000000000000003"
	strangerKey = "0000000000000000000000000000000000000000000000000000000000000004"
)

type signer = enginetest.Signer

// noteData is the data of the test's trigger.
type noteData struct {
	engine.Scope
	Text string `expr:"text"`
}

// script is a trigger that emits what it is given and then waits for its end.
type script struct {
	signals []engine.Signal
	errs    []error
	done    chan struct{}
	// then goes on when all were emitted; nil for nothing.
	then func(ctx context.Context, in engine.Intake)
}

func (s *script) Run(ctx context.Context, in engine.Intake) error {
	for _, sig := range s.signals {
		s.errs = append(s.errs, in.Emit(ctx, sig))
	}
	if s.then != nil {
		s.then(ctx, in)
	}
	close(s.done)
	<-ctx.Done()
	return nil
}

type actionFunc func(ctx context.Context, run engine.Run) (engine.Result, error)

func (f actionFunc) Act(ctx context.Context, run engine.Run) (engine.Result, error) {
	return f(ctx, run)
}

// say is an action that makes one note.
func say(text string) engine.Action {
	return actionFunc(func(context.Context, engine.Run) (engine.Result, error) {
		return engine.Result{Drafts: []engine.Draft{{Kind: 1, Content: text}}}, nil
	})
}

// wire is a publisher that answers as the test says and remembers what it was asked.
type wire struct {
	mu     sync.Mutex
	sent   []nostr.Event
	answer func(relay string, e nostr.Event, try int) error
}

func (w *wire) Publish(_ context.Context, relay string, e nostr.Event) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent = append(w.sent, e)
	if w.answer == nil {
		return nil
	}
	return w.answer(relay, e, len(w.sent))
}

// watcher collects decisions and settlements.
type watcher struct {
	mu        sync.Mutex
	decisions []engine.Decision
	settled   []engine.Settlement
}

func (w *watcher) Decided(d engine.Decision, _ []nostr.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.decisions = append(w.decisions, d)
}

func (w *watcher) Settled(_ engine.Delivery, s engine.Settlement) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settled = append(w.settled, s)
}

func (w *watcher) outcomes() []engine.Outcome {
	var all []engine.Outcome
	for _, d := range w.decisions {
		all = append(all, d.Outcome)
	}
	return all
}

// bench is an engine with one rule around a script.
type bench struct {
	rule    engine.Rule
	script  *script
	wire    *wire
	watcher *watcher
	ledger  *memory.Ledger
	// engine is the one that runs.
	engine *bot.Bot
	// store stands before ledger when set.
	store  engine.Ledger
	derive func(base engine.Identity, path string) (engine.Identity, error)
	dry    bool
	// flood is the budget of the identity.
	flood  []engine.Rate
	source engine.Source
	log    *slog.Logger
	// observer stands in the place of watcher when set.
	observer engine.Observer
}

func newBench(signals ...engine.Signal) *bench {
	b := &bench{script: &script{signals: signals, done: make(chan struct{})}, wire: &wire{}, watcher: &watcher{}, ledger: memory.New()}
	b.rule = engine.Rule{
		Name: "rule", Identity: "main", Relays: []string{"wss://one.example"},
		Triggers: []engine.RuleTrigger{{
			Kind: engine.NewTriggerKind[struct{}, noteData]("script", struct{}{}, func(struct{}, engine.Setup) (engine.Trigger, error) {
				return b.script, nil
			}),
			Config: struct{}{},
		}},
		Steps: []engine.Step{{Kind: "say", Action: say("hi")}},
		Retry: engine.Retry{Initial: 2 * time.Second, Max: 5 * time.Minute, MaxElapsed: 24 * time.Hour},
	}
	return b
}

// run runs the engine inside a bubble until the script is through and for the given time longer.
func (b *bench) run(t *testing.T, longer time.Duration) {
	t.Helper()
	if b.store == nil {
		b.store = b.ledger
	}
	if b.observer == nil {
		b.observer = b.watcher
	}
	me := engine.Identity{Name: "main", Npub: "npub1bot", Signer: signer(botKey), FloodStop: b.flood}
	e, err := bot.New(bot.Options{
		Rules:      []engine.Rule{b.rule},
		Identities: identity.New(identity.Options{Configured: map[string]engine.Identity{"main": me}, Derive: b.derive, Origins: b.store}),
		Ledger:     b.store, Journal: b.ledger, Publisher: b.wire, Source: b.source, Observer: b.observer, DryRun: b.dry, Log: b.log,
		Overlay: func() engine.Ledger { return memory.Over(b.ledger) },
	})
	if err != nil {
		t.Fatal(err)
	}
	b.engine = e
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	<-b.script.done
	<-time.After(longer)
	synctest.Wait()
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Run = %v", err)
	}
}

func note(t *testing.T, key, text string, at time.Time) *nostr.Event {
	t.Helper()
	e := &nostr.Event{Kind: 1, Content: text, CreatedAt: nostr.Timestamp(at.Unix())}
	if err := e.Sign(key); err != nil {
		t.Fatal(err)
	}
	return e
}

func eventSignal(e *nostr.Event, verify func() error) engine.Signal {
	return engine.Signal{
		Key: e.ID, Time: e.CreatedAt.Time(), Data: &noteData{Text: e.Content}, Event: e, Relay: "wss://one.example", Verify: verify,
	}
}

func fine() error { return nil }

func condition(f func(text string) (bool, error)) []engine.Condition {
	return []engine.Condition{engine.NewCondition("test", func(d engine.Data) (bool, error) { return f(d.(*noteData).Text) })}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(b *bench)
		signal func(t *testing.T) engine.Signal
		want   engine.Outcome
		gate   string // the gate that stopped it
	}{
		"fired": {
			signal: func(t *testing.T) engine.Signal { return eventSignal(note(t, strangerKey, "hello", time.Now()), fine) },
			want:   engine.Fired,
		},
		"too old": {
			change: func(b *bench) { b.rule.MaxAge = 15 * time.Minute },
			signal: func(t *testing.T) engine.Signal {
				return eventSignal(note(t, strangerKey, "hello", time.Now().Add(-16*time.Minute)), fine)
			},
			want: engine.TooOld, gate: "age",
		},
		"backlog": {
			signal: func(t *testing.T) engine.Signal {
				s := eventSignal(note(t, strangerKey, "hello", time.Now()), fine)
				s.Backlog = true
				return s
			},
			want: engine.TooOld, gate: "age",
		},
		"expired": {
			signal: func(t *testing.T) engine.Signal { return eventSignal(expiring(t, -time.Second), fine) },
			want:   engine.TooOld, gate: "expiration",
		},
		"expires later": {
			signal: func(t *testing.T) engine.Signal { return eventSignal(expiring(t, time.Minute), fine) },
			want:   engine.Fired,
		},
		"own": {
			signal: func(t *testing.T) engine.Signal { return eventSignal(note(t, botKey, "hello", time.Now()), fine) },
			want:   engine.Self, gate: "self",
		},
		"condition false": {
			change: func(b *bench) { b.rule.If = condition(func(s string) (bool, error) { return s == "hello", nil }) },
			signal: func(t *testing.T) engine.Signal { return eventSignal(note(t, strangerKey, "bye", time.Now()), fine) },
			want:   engine.ConditionFalse, gate: "condition",
		},
		"condition error": {
			change: func(b *bench) {
				b.rule.If = condition(func(string) (bool, error) { return false, errors.New("index out of range") })
			},
			signal: func(t *testing.T) engine.Signal { return eventSignal(note(t, strangerKey, "bye", time.Now()), fine) },
			want:   engine.ConditionError, gate: "condition",
		},
		"bad signature": {
			signal: func(t *testing.T) engine.Signal {
				return eventSignal(note(t, strangerKey, "hello", time.Now()), func() error { return errors.New("forged") })
			},
			want: engine.BadSignature, gate: "signature",
		},
		"passed by": {
			signal: func(t *testing.T) engine.Signal {
				s := eventSignal(note(t, strangerKey, "hello", time.Now()), func() error { panic("nobody needs to know") })
				s.Mismatch = "it speaks to somebody else"
				return s
			},
			want: engine.NoMatch,
		},
		"action error": {
			change: func(b *bench) {
				b.rule.Steps = append(b.rule.Steps, engine.Step{Kind: "fail", Action: actionFunc(
					func(context.Context, engine.Run) (engine.Result, error) {
						return engine.Result{}, errors.New("no")
					})})
			},
			signal: func(t *testing.T) engine.Signal { return eventSignal(note(t, strangerKey, "hello", time.Now()), fine) },
			want:   engine.ActionError,
		},
		"too large for relays": {
			change: func(b *bench) { b.rule.Steps[0].Action = say(strings.Repeat("a", engine.MaxEventBytes)) },
			signal: func(t *testing.T) engine.Signal { return eventSignal(note(t, strangerKey, "hello", time.Now()), fine) },
			want:   engine.ActionError,
		},
		"a panic in an action": {
			change: func(b *bench) {
				b.rule.Steps[0].Action = actionFunc(func(context.Context, engine.Run) (engine.Result, error) { panic("oops") })
			},
			signal: func(t *testing.T) engine.Signal { return eventSignal(note(t, strangerKey, "hello", time.Now()), fine) },
			want:   engine.ActionError,
		},
		"dry run": {
			change: func(b *bench) { b.rule.DryRun = true },
			signal: func(t *testing.T) engine.Signal { return eventSignal(note(t, strangerKey, "hello", time.Now()), fine) },
			want:   engine.DryRun,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(tc.signal(t))
				if tc.change != nil {
					tc.change(b)
				}
				b.run(t, time.Second)
				if got := b.watcher.outcomes(); !slices.Equal(got, []engine.Outcome{tc.want}) {
					t.Fatalf("outcomes = %v, want %s", got, tc.want)
				}
				d := b.watcher.decisions[0]
				if tc.gate != "" && (d.Gates[len(d.Gates)-1].Gate != tc.gate || d.Gates[len(d.Gates)-1].Pass) {
					t.Errorf("gates = %+v, want %s to stop it", d.Gates, tc.gate)
				}
				if sent := len(b.wire.sent); (sent > 0) != (tc.want == engine.Fired) {
					t.Errorf("%d events were sent for the outcome %s", sent, tc.want)
				}
				history, err := b.ledger.History(t.Context(), engine.HistoryQuery{})
				if err != nil || len(history) != 1 || history[0].Outcome != tc.want || history[0].Trigger != "script" {
					t.Errorf("history = %+v, %v; want one %s by script", history, err, tc.want)
				}
			})
		})
	}
}

// expiring is a note that is of use for a while (NIP-40).
func expiring(t *testing.T, use time.Duration) *nostr.Event {
	t.Helper()
	e := &nostr.Event{
		Kind: 1, Content: "hello", CreatedAt: nostr.Now(),
		Tags: nostr.Tags{{"expiration", strconv.FormatInt(time.Now().Add(use).Unix(), 10)}},
	}
	if err := e.Sign(strangerKey); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestSameSignalFiresOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := eventSignal(note(t, strangerKey, "hello", time.Now()), fine)
		b := newBench(s, s)
		b.run(t, time.Second)
		if got := b.watcher.outcomes(); !slices.Equal(got, []engine.Outcome{engine.Fired, engine.Duplicate}) {
			t.Errorf("outcomes = %v", got)
		}
		if len(b.wire.sent) != 1 {
			t.Errorf("%d events were sent, want 1", len(b.wire.sent))
		}
	})
}

// A forged copy must not use up the honest one.
func TestBadSignatureDoesNotClaim(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := note(t, strangerKey, "hello", time.Now())
		b := newBench(eventSignal(e, func() error { return errors.New("forged") }), eventSignal(e, fine))
		b.run(t, time.Second)
		if got := b.watcher.outcomes(); !slices.Equal(got, []engine.Outcome{engine.BadSignature, engine.Fired}) {
			t.Errorf("outcomes = %v", got)
		}
	})
}

// What a feed says is remembered whatever the verdict: editing the condition must not post old items.
func TestFeedItemsAreClaimedWhateverTheVerdict(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		item := engine.Signal{
			Key: "item", Time: time.Now(), Data: &noteData{Text: "x"},
			Position: &engine.Position{Stream: "rule/script", Value: "1"},
		}
		b := newBench(item)
		b.rule.If = condition(func(string) (bool, error) { return false, nil })
		b.run(t, time.Second)
		if seen, err := b.ledger.Seen(t.Context(), "rule", "item"); err != nil || !seen {
			t.Errorf("Seen = %v, %v", seen, err)
		}
		if at, err := b.ledger.Position(t.Context(), "rule/script"); err != nil || at != "1" {
			t.Errorf("Position = %q, %v", at, err)
		}
	})
}

func TestSameBytesUntilAccepted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(eventSignal(note(t, strangerKey, "hello", time.Now()), fine))
		var asked []time.Time
		b.wire.answer = func(_ string, _ nostr.Event, try int) error {
			asked = append(asked, time.Now())
			switch try {
			case 1:
				return errors.New("connection lost")
			case 2:
				return &engine.Later{After: 20 * time.Minute, Reason: "rate-limited: slow down"}
			}
			return nil
		}
		b.run(t, 30*time.Minute)
		if len(b.wire.sent) != 3 {
			t.Fatalf("%d tries, want 3", len(b.wire.sent))
		}
		if early, late := asked[1].Sub(asked[0]), asked[2].Sub(asked[1]); early > 2*time.Second || late < 20*time.Minute || late > 21*time.Minute {
			t.Errorf("tried again after %s and %s", early, late)
		}
		for _, e := range b.wire.sent {
			if e.String() != b.wire.sent[0].String() {
				t.Errorf("the event changed: %s", e)
			}
		}
		var states []engine.DeliveryState
		for _, s := range b.watcher.settled {
			states = append(states, s.State)
		}
		if !slices.Equal(states, []engine.DeliveryState{engine.Retrying, engine.Retrying, engine.Accepted}) {
			t.Errorf("states = %v", states)
		}
	})
}

func TestRejectionIsFinal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(eventSignal(note(t, strangerKey, "hello", time.Now()), fine))
		b.wire.answer = func(string, nostr.Event, int) error { return &engine.Rejection{Reason: "blocked: you"} }
		b.run(t, time.Hour)
		if len(b.wire.sent) != 1 || b.watcher.settled[0] != (engine.Settlement{State: engine.Rejected, Reason: "blocked: you"}) {
			t.Errorf("%d tries, settled %+v", len(b.wire.sent), b.watcher.settled)
		}
	})
}

func TestGivesUpAfterMaxElapsed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(eventSignal(note(t, strangerKey, "hello", time.Now()), fine))
		b.rule.Retry.MaxElapsed = time.Hour
		b.wire.answer = func(string, nostr.Event, int) error { return errors.New("down") }
		b.run(t, 3*time.Hour)
		last := b.watcher.settled[len(b.watcher.settled)-1]
		if last.State != engine.GivenUp || last.Reason != "no answer: down" {
			t.Errorf("the last settlement is %+v", last)
		}
	})
}

func TestOutputsAndSteps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen any
		b := newBench(eventSignal(note(t, strangerKey, "hello", time.Now()), fine))
		b.rule.Steps = []engine.Step{
			{ID: "one", Kind: "say", Action: say("first")},
			{Kind: "say", Action: say("never"), If: condition(func(string) (bool, error) { return false, nil })[0]},
			{Kind: "fail", Continue: true, Action: actionFunc(func(context.Context, engine.Run) (engine.Result, error) {
				return engine.Result{}, errors.New("no")
			})},
			{Kind: "look", Action: actionFunc(func(_ context.Context, run engine.Run) (engine.Result, error) {
				seen = engine.ScopeOf(run.Data).Outputs["one"]
				engine.ScopeOf(run.Data).Mention(signer(strangerKey).PublicKey())
				return engine.Result{Drafts: []engine.Draft{{Kind: 1, Content: "second nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5"}}}, nil
			})},
		}
		b.run(t, time.Second)
		if len(b.wire.sent) != 2 {
			t.Fatalf("sent %v", b.wire.sent)
		}
		first, second := b.wire.sent[0], b.wire.sent[1]
		if out, ok := seen.(map[string]any); !ok || out["id"] != first.ID {
			t.Errorf("outputs.one = %v, want the id %s", seen, first.ID)
		}
		if strings.Contains(second.Content, "nsec1") || second.Tags.Find("p") == nil {
			t.Errorf("second = %s", second)
		}
		d := b.watcher.decisions[0]
		if d.Outcome != engine.Fired || !strings.Contains(d.Reason, "went on after: action 3 (fail): no") {
			t.Errorf("decision = %+v", d)
		}
		if ok, err := second.CheckSignature(); !ok || err != nil || !second.CheckID() {
			t.Error("the event is not signed correctly")
		}
	})
}

func TestTemporaryErrorIsTriedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var tries []time.Duration
		began := time.Now()
		b := newBench(eventSignal(note(t, strangerKey, "hello", time.Now()), fine))
		b.rule.Steps[0].Action = actionFunc(func(context.Context, engine.Run) (engine.Result, error) {
			if tries = append(tries, time.Since(began)); len(tries) < 3 {
				return engine.Result{}, engine.Temporary(errors.New("502"))
			}
			return engine.Result{}, nil
		})
		b.run(t, time.Second)
		if want := []time.Duration{0, 2 * time.Second, 6 * time.Second}; !slices.Equal(tries, want) {
			t.Errorf("tried after %v, want %v", tries, want)
		}
		if got := b.watcher.outcomes(); !slices.Equal(got, []engine.Outcome{engine.Fired}) {
			t.Errorf("outcomes %v", got)
		}
	})
}

func TestDedupeKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		b := newBench(
			eventSignal(note(t, strangerKey, "a", now), fine), eventSignal(note(t, strangerKey, "a", now.Add(-time.Second)), fine),
			eventSignal(note(t, strangerKey, "b", now), fine),
		)
		b.rule.Dedupe = engine.NewText("text", func(d engine.Data) (string, error) { return d.(*noteData).Text, nil })
		b.run(t, time.Second)
		if got := b.watcher.outcomes(); !slices.Equal(got, []engine.Outcome{engine.Fired, engine.Duplicate, engine.Fired}) {
			t.Errorf("outcomes = %v", got)
		}
	})
}

// A dry run consumes nothing: the real run behaves as if it had never been.
func TestDryRunConsumesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := eventSignal(note(t, strangerKey, "hello", time.Now()), fine)
		b := newBench(s)
		b.dry = true
		b.run(t, time.Second)
		if history, err := b.ledger.History(t.Context(), engine.HistoryQuery{}); err != nil || len(history) != 0 {
			t.Errorf("the dry run left %v, %v", history, err)
		}
		wet := newBench(s)
		wet.ledger = b.ledger
		wet.run(t, time.Second)
		if got := wet.watcher.outcomes(); !slices.Equal(got, []engine.Outcome{engine.Fired}) {
			t.Errorf("outcomes after the dry run = %v", got)
		}
	})
}

// fullDisk is a ledger that cannot be read for a while.
type fullDisk struct {
	*memory.Ledger
	faults int
	// asked is when, in seconds since the test began.
	began time.Time
	asked []int
}

func (l *fullDisk) Drain(ctx context.Context, wake <-chan string, deliver engine.Deliver) error {
	l.asked = append(l.asked, int(time.Since(l.began).Seconds()))
	if l.faults > 0 {
		l.faults--
		return errors.New("disk full")
	}
	return l.Ledger.Drain(ctx, wake, deliver)
}

func TestDeliveryGoesOnAfterAFaultOfTheLedger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(eventSignal(note(t, strangerKey, "hello", time.Now()), fine))
		disk := &fullDisk{Ledger: b.ledger, faults: 11, began: time.Now()}
		b.store = disk
		b.run(t, time.Hour)
		if len(b.wire.sent) != 1 {
			t.Errorf("%d events were sent, want 1", len(b.wire.sent))
		}
		if want := []int{0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 811, 1111}; !slices.Equal(disk.asked, want) {
			t.Errorf("the ledger was asked at %d, want %d", disk.asked, want)
		}
	})
}

func TestTriggerIsStartedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(eventSignal(note(t, strangerKey, "hello", time.Now()), fine))
		starts := 0
		b.rule.Triggers = append(b.rule.Triggers, engine.RuleTrigger{
			Kind: engine.NewTriggerKind[struct{}, noteData]("bad", struct{}{}, func(struct{}, engine.Setup) (engine.Trigger, error) {
				return triggerFunc(func(context.Context, engine.Intake) error {
					if starts++; starts == 1 {
						panic("oops")
					}
					return errors.New("no")
				}), nil
			}),
			Config: struct{}{},
		})
		b.run(t, time.Minute)
		if starts < 4 || starts > 7 {
			t.Errorf("the bad trigger was started %d times in a minute, want a doubling pause", starts)
		}
		if got := b.watcher.outcomes(); !slices.Equal(got, []engine.Outcome{engine.Fired}) {
			t.Errorf("the good trigger's outcomes = %v", got)
		}
	})
}

type triggerFunc func(ctx context.Context, in engine.Intake) error

func (f triggerFunc) Run(ctx context.Context, in engine.Intake) error { return f(ctx, in) }
