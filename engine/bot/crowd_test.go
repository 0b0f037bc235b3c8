package bot_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
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

// people is a relay that knows whom the bot follows and what some authors say of themselves.
type people struct {
	follows  nostr.Tags
	profiles map[string]nostr.Timestamp
}

func (p people) Subscribe(ctx context.Context, _ engine.Query, _ func(context.Context, engine.Received) error) (func(), error) {
	return func() { <-ctx.Done() }, nil
}

func (p people) Fetch(_ context.Context, _ []string, f nostr.Filter) (found []nostr.Event, _ error) {
	<-time.After(200 * time.Millisecond)
	for _, author := range f.Authors {
		switch at, ok := p.profiles[author]; {
		case slices.Contains(f.Kinds, nostr.KindFollowList):
			found = append(found, nostr.Event{PubKey: author, Kind: nostr.KindFollowList, Tags: p.follows})
		case ok && slices.Contains(f.Kinds, nostr.KindProfileMetadata):
			found = append(found, nostr.Event{PubKey: author, Kind: nostr.KindProfileMetadata, CreatedAt: at, Content: "{}"})
		}
	}
	return found, nil
}

// crowded is a bot among strangers: a rule that answers them and one that speaks by itself each minute.
type crowded struct {
	t      *testing.T
	ledger *memory.Ledger
	log    bytes.Buffer
	n      int
	line   chan *nostr.Event

	mu       sync.Mutex
	answered map[string]time.Time // by the text that was answered
	posts    []time.Time
	words    int
	// strangers counts answers to throw-away keys.
	strangers int
}

// Publish implements [engine.Publisher].
func (c *crowded) Publish(_ context.Context, _ string, e nostr.Event) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case strings.HasPrefix(e.Content, "news"):
		c.posts = append(c.posts, time.Now())
	case e.Content == "bye":
		c.words++
	case e.Content == "hello":
		c.strangers++
	default:
		c.answered[e.Content] = time.Now()
	}
	return nil
}

// write has somebody write to the bot.
func (c *crowded) write(author, text string, tags ...nostr.Tag) {
	c.n++
	id := sha256.Sum256(fmt.Append(nil, c.n))
	e := &nostr.Event{ID: hex.EncodeToString(id[:]), PubKey: author, Kind: 1, Content: text, CreatedAt: nostr.Now(), Tags: tags}
	if len(tags) > 0 {
		e.ID = "0000" + e.ID[4:]
	}
	c.line <- e
}

// run runs the bot while do goes on.
func (c *crowded) run(source engine.Source, do func()) {
	c.t.Helper()
	ctx, cancel := context.WithCancel(c.t.Context())
	// As many at once as the rule has places, as relays hand them in.
	hear := triggerFunc(func(ctx context.Context, in engine.Intake) error {
		var workers sync.WaitGroup
		for range 4 {
			workers.Go(func() {
				for {
					select {
					case <-ctx.Done():
						return
					case e := <-c.line:
						s := eventSignal(e, fine)
						s.Direct, s.Thread, s.Group = true, e.ID, e.PubKey
						if err := in.Emit(ctx, s); err != nil && ctx.Err() == nil {
							c.t.Error(err)
						}
					}
				}
			})
		}
		workers.Wait()
		return nil
	})
	speak := triggerFunc(func(ctx context.Context, in engine.Intake) error {
		for tick := time.NewTicker(time.Minute); ; {
			select {
			case <-ctx.Done():
				return nil
			case now := <-tick.C:
				if err := in.Emit(ctx, item(now.String(), "news of "+now.String())); err != nil {
					c.t.Error(err)
				}
			}
		}
	})
	kind := func(name string, trigger engine.Trigger) engine.RuleTrigger {
		return engine.RuleTrigger{Config: struct{}{}, Relays: []string{"wss://one.example"}, Kind: engine.NewTriggerKind[struct{}, noteData](name,
			struct{}{}, func(struct{}, engine.Setup) (engine.Trigger, error) { return trigger, nil })}
	}
	rule := func(name string, t engine.RuleTrigger, step engine.Action) engine.Rule {
		return engine.Rule{
			Name: name, Identity: "main", Relays: []string{"wss://one.example"}, Triggers: []engine.RuleTrigger{t}, Concurrency: 4,
			Steps: []engine.Step{{Kind: "step", Action: step}}, Retry: engine.Retry{Initial: time.Second, Max: time.Second, MaxElapsed: time.Hour},
		}
	}
	greet := rule("greet", kind("mention", hear), actionFunc(func(_ context.Context, run engine.Run) (engine.Result, error) {
		return engine.Result{Drafts: []engine.Draft{{Kind: 1, Content: run.Event.Content}}}, nil
	}))
	greet.Triggers[0].Kind = greet.Triggers[0].Kind.Answering(15 * time.Minute).Addressing()
	greet.Limit = engine.Limit{Author: []engine.Rate{{Count: 10, Per: time.Hour}, {Count: 30, Per: 24 * time.Hour}}, Thread: []engine.Rate{{Count: 5, Per: engine.CounterAge}}}
	greet.Patience = engine.Patience{Answers: 30, Break: 8 * time.Hour}
	greet.MaxAge = 15 * time.Minute
	greet.OptOut = &engine.OptOut{Stop: []string{"stop"}, Start: []string{"start"}, Stopped: say("bye")}
	e, err := bot.New(bot.Options{
		Rules:      []engine.Rule{greet, rule("news", kind("speak", speak), echo)},
		Identities: identity.New(identity.Options{Configured: map[string]engine.Identity{"main": {Name: "main", Npub: "npub1bot", Signer: signer(botKey)}}}),
		Ledger:     c.ledger, Journal: c.ledger, Publisher: c, Source: source,
		Log: slog.New(slog.NewTextHandler(&c.log, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	do()
	<-time.After(5 * time.Second)
	synctest.Wait()
	cancel()
	if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
		c.t.Errorf("Run = %v", err)
	}
}

func person(who string, n int) string {
	sum := sha256.Sum256(fmt.Append(nil, who, n))
	return hex.EncodeToString(sum[:])
}

// lasting is how long the crowd of the tests stays; set RHEA_CROWD=1h for the long one.
func lasting(t *testing.T) time.Duration {
	text := os.Getenv("RHEA_CROWD")
	if text == "" {
		return 2 * time.Minute
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestCrowd has 10,000 throw-away keys write to a bot 50 times a second. Nothing is held, and whoever is no throw-away key
// is answered.
func TestCrowd(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"hello", "stop"} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { amongThrowAwayKeys(t, text) })
		})
	}
}

func amongThrowAwayKeys(t *testing.T, text string) {
	source := people{profiles: make(map[string]nostr.Timestamp)}
	const friends, earlier, old = 5, 5, 5
	for i := range friends {
		source.follows = append(source.follows, nostr.Tag{"p", person("friend", i)})
	}
	for i := range old {
		source.profiles[person("old", i)] = nostr.Now() - 1e6
	}
	c := &crowded{t: t, ledger: memory.New(), answered: make(map[string]time.Time), line: make(chan *nostr.Event, 512)}
	long := lasting(t)
	wrote := make(map[string]time.Time)
	write := func(who string, n, round int, tags ...nostr.Tag) {
		text := fmt.Sprint(who, " ", n, " ", round)
		wrote[text] = time.Now()
		c.write(person(who, n), text, tags...)
	}
	var began time.Time
	c.run(source, func() {
		<-time.After(time.Minute)
		for i := range earlier {
			write("earlier", i, -1)
		}
		<-time.After(20 * time.Minute)
		began = time.Now()
		for i := 0; time.Since(began) < long; i++ {
			c.write(person("thrown away", i%10_000), text)
			<-time.After(20 * time.Millisecond)
			if i%(50*60*7) == 50*60 { // Every seven minutes everybody writes, in a minute of their own.
				for n := range friends {
					write("friend", n, i)
					write("earlier", n, i)
					write("miner", n+i, i, nostr.Tag{"nonce", "1", "16"})
					write("old", n, i)
					write("new", n+i, i)
				}
			}
			if i%(50*60*7) == 50*90 {
				for n := range old {
					write("old", n, i)
				}
			}
		}
	})
	c.judge(text, wrote, began, long)
}

// judge asks who was answered.
func (c *crowded) judge(text string, wrote map[string]time.Time, began time.Time, long time.Duration) {
	c.t.Helper()
	late, answered, asked := make(map[string]int), make(map[string]int), make(map[string]int)
	for text, at := range wrote {
		who, _, _ := strings.Cut(text, " ")
		asked[who]++
		got, ok := c.answered[text]
		if ok {
			answered[who]++
		}
		if !ok || got.Sub(at) > 5*time.Second {
			late[who]++
		}
	}
	c.t.Logf("%s: %d notes in all; asked %v, answered %v; %d answers to throw-away keys, %d confirmations", text, c.n, asked, answered, c.strangers, c.words)
	for _, who := range []string{"friend", "earlier", "miner"} {
		if late[who] > 0 || asked[who] == 0 {
			c.t.Errorf("%d of %d notes of %s were answered late or never", late[who], asked[who], who)
		}
	}
	if answered["old"] < asked["old"]/2 {
		c.t.Errorf("%d of %d notes of people with old profiles were answered, want each second one", answered["old"], asked["old"])
	}
	for _, rule := range []string{"greet", "news"} {
		if value, err := c.ledger.Position(c.t.Context(), engine.HoldStream(rule)); value != "" || err != nil {
			c.t.Errorf("%s is held: %q, %v", rule, value, err)
		}
	}
	if n := int(long / time.Minute); len(c.posts) < n {
		c.t.Errorf("%d posts in %s", len(c.posts), long)
	}
	if n := strings.Count(c.log.String(), "\n"); n != 1 || !strings.Contains(c.log.String(), "slowed down") {
		c.t.Errorf("the operator got %d lines, want one: %s", n, c.log.String())
	}
	if most := 200 * (int(long/(10*time.Minute)) + 1); text == "hello" && (c.strangers < 190 || c.strangers > most) {
		c.t.Errorf("%d answers to throw-away keys, want as many as newcomers may get", c.strangers)
	}
	if most := 30 * (int(long/(10*time.Minute)) + 1); text == "stop" && (c.words == 0 || c.words > most) {
		c.t.Errorf("%d confirmations, want up to %d", c.words, most)
	}
}

// TestCrowdComesAndGoes fills the part of newcomers, over a restart, until nobody comes any more.
func TestCrowdComesAndGoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		another := func(before *bench) *bench {
			b := newBench()
			b.rule.FloodStop = []engine.Rate{{Count: 9, Per: 10 * time.Minute}}
			if before != nil {
				b.ledger = before.ledger
			}
			return b
		}
		crowd := func(b *bench) string {
			value, err := b.ledger.Position(t.Context(), engine.CrowdStream(signer(botKey).PublicKey()))
			if err != nil {
				t.Fatal(err)
			}
			return value
		}
		b := another(nil)
		var signals []engine.Signal
		for i := range 12 {
			signals = append(signals, said(t, i, "hello"))
		}
		b.feed(t, signals...)
		if n := b.watcher.count(engine.Fired); n != 6 || crowd(b) == "" {
			t.Errorf("%d newcomers were answered, want two thirds of 9; the crowd is %q", n, crowd(b))
		}
		reason := b.watcher.decisions[6].Reason
		if !strings.HasPrefix(reason, "slowed down since 2000-01-01T00:00:00Z: flood stop of rule/rule: ") {
			t.Errorf("the reason is %q", reason)
		}
		if seen, err := b.ledger.Seen(t.Context(), "rule", signals[11].Key); seen || err != nil {
			t.Errorf("Seen = %v, %v: what is turned down unverified is not claimed", seen, err)
		}
		<-time.After(8 * time.Minute)
		b = another(b)
		b.feed(t, said(t, 50, "hello"), said(t, 1, "again"))
		if n := b.watcher.count(engine.Fired); n != 0 || crowd(b) == "" {
			t.Errorf("after a restart %d were answered, and the crowd is %q", n, crowd(b))
		}
		<-time.After(2 * time.Minute)
		// The window has room: two at once are too many for a crowd, and the next one comes later.
		b = another(b)
		b.script.then = func(ctx context.Context, in engine.Intake) {
			<-time.After(5 * time.Minute)
			if err := in.Emit(ctx, said(t, 63, "hello")); err != nil {
				t.Error(err)
			}
		}
		b.feed2(t, 11*time.Minute, said(t, 61, "hello"), said(t, 62, "hello"))
		want := []engine.Outcome{engine.Fired, engine.RateLimited, engine.Fired}
		if got := b.watcher.outcomes(); !slices.Equal(got, want) {
			t.Errorf("outcomes = %v, want %v: %+v", got, want, b.watcher.decisions)
		}
		if crowd(b) != "" {
			t.Error("nobody came for ten minutes, and there is still a crowd")
		}
	})
}

// feed2 runs the bench with more signals and stays for a while.
func (b *bench) feed2(t *testing.T, longer time.Duration, signals ...engine.Signal) {
	t.Helper()
	b.script.signals, b.script.done = signals, make(chan struct{})
	b.run(t, longer)
}

// TestTurnIsGivenBack has a newcomer's note meet no condition: the next newcomer need not wait.
func TestTurnIsGivenBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.rule.FloodStop = []engine.Rate{{Count: 3, Per: 10 * time.Minute}}
		b.rule.If = condition(func(text string) (bool, error) { return text != "nonsense", nil })
		b.script.then = func(ctx context.Context, in engine.Intake) {
			<-time.After(5 * time.Minute)
			if err := in.Emit(ctx, said(t, 9, "hello")); err != nil { // The crowd is not over.
				t.Error(err)
			}
			<-time.After(5*time.Minute + time.Second)
			for i, text := range []string{"nonsense", "nonsense", "hello"} {
				if err := in.Emit(ctx, said(t, 10+i, text)); err != nil {
					t.Error(err)
				}
			}
		}
		first := said(t, 1, "hello")
		b.feed2(t, time.Second, first, said(t, 2, "hello"), said(t, 3, "hello"), said(t, 4, "hello"))
		if got := b.watcher.outcomes(); got[len(got)-1] != engine.Fired {
			t.Errorf("outcomes = %v, want the last one answered: %+v", got, b.watcher.decisions)
		}
	})
}

// TestHalfIsKept asks that strangers use up half of an identity's budget and no more: a feed goes on, and is not held.
func TestHalfIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.rule.Steps = []engine.Step{{Kind: "echo", Action: echo}}
		b.rule.FloodStop = []engine.Rate{{Count: 100, Per: 10 * time.Minute}}
		b.flood = []engine.Rate{{Count: 12, Per: 10 * time.Minute}}
		signals := items(0, 2)
		for i := range 12 {
			signals = append(signals, said(t, i, fmt.Sprint("hello ", i)))
		}
		b.feed(t, append(signals, items(2, 8)...)...)
		fired := make(map[bool]int)
		for _, d := range b.watcher.decisions {
			if d.Outcome == engine.Fired {
				fired[strings.HasPrefix(d.Key, "item")]++
			}
		}
		if fired[true] != 8 || fired[false] != 4 {
			t.Errorf("%d items and %d answers to newcomers, want 8 and two thirds of a half of 12: %+v", fired[true], fired[false], b.watcher.decisions)
		}
	})
}

// TestKnownPassTheQueue has somebody who was answered before write while newcomers wait.
func TestKnownPassTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(said(t, 1, "first"))
		b.rule.Steps[0].Action = repeater()
		b.rule.Limit = engine.Limit{Rate: []engine.Rate{{Count: 6, Per: 10 * time.Hour}}, Queue: true}
		b.script.then = func(ctx context.Context, in engine.Intake) {
			<-time.After(time.Hour)
			for i := range 10 {
				if err := in.Emit(ctx, said(t, 10+i, fmt.Sprint("new ", i))); err != nil {
					t.Error(err)
				}
			}
			for _, text := range []string{"known 1", "known 2"} {
				if err := in.Emit(ctx, said(t, 1, text)); err != nil {
					t.Error(err)
				}
			}
		}
		b.run(t, time.Hour)
		want := []string{"first", "new 0", "new 1", "new 2", "new 3", "known 1"}
		if got := b.wire.texts(); !slices.Equal(got, want) {
			t.Errorf("said %q, want %q", got, want)
		}
	})
}

// TestCrowdLeavesAPlace has a newcomer's answer take long: others wait for no place that people who are known need.
func TestCrowdLeavesAPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(said(t, 1, "known"))
		b.rule.FloodStop = []engine.Rate{{Count: 9, Per: 10 * time.Minute}}
		b.rule.Concurrency = 2
		b.rule.Steps[0].Action = actionFunc(func(_ context.Context, run engine.Run) (engine.Result, error) {
			if run.Event.Content == "slow" {
				<-time.After(9 * time.Minute)
			}
			return engine.Result{Drafts: []engine.Draft{{Kind: 1, Content: run.Event.Content}}}, nil
		})
		b.script.then = func(ctx context.Context, in engine.Intake) {
			emit := func(n int, text string) {
				if err := in.Emit(ctx, said(t, n, text)); err != nil {
					t.Error(err)
				}
			}
			<-time.After(15 * time.Minute)
			for n := range 9 {
				emit(10+n, "hello")
			}
			<-time.After(9 * time.Minute)
			emit(20, "hello")
			<-time.After(2 * time.Minute)
			go emit(21, "slow")
			<-time.After(5 * time.Minute)
			emit(22, "another")
			emit(1, "known again")
			<-time.After(5 * time.Minute)
		}
		b.run(t, time.Minute)
		reasons := make(map[string]string)
		for _, d := range b.watcher.decisions {
			reasons[d.Reason] = d.Key
		}
		texts := b.wire.texts()
		if !slices.Contains(texts, "known again") || slices.Contains(texts, "another") || !slices.Contains(texts, "slow") {
			t.Errorf("said %q; %v", texts, reasons)
		}
	})
}
