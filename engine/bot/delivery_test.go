package bot_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
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
	"rhea/engine/relay"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// valve is a trigger that emits what the test puts in.
type valve struct{ in chan engine.Signal }

func (v *valve) Run(ctx context.Context, in engine.Intake) error {
	for {
		select {
		case s := <-v.in:
			if err := in.Emit(ctx, s); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// idle is a trigger that has nothing new.
type idle struct{}

func (idle) Run(context.Context, engine.Intake) error { return nil }

// post is a bot that writes a note for every text it is given, in virtual time, on relays that misbehave.
type post struct {
	tb      testing.TB
	net     *relaytest.Network
	store   *memory.Store
	ledger  *memory.Ledger
	rule    engine.Rule
	valve   *valve
	watcher *watcher
	log     *strings.Builder
	signer  engine.Signer
	// publisher wraps the network when set.
	publisher func(*relay.Network) engine.Publisher
	engine    *bot.Bot
	// once makes start return when the bot has ended by itself.
	once bool
	stop func()
	n    int
}

func newPost(tb testing.TB) *post {
	p := &post{tb: tb, net: relaytest.NewNetwork(), store: memory.NewStore(), signer: signer(botKey), log: &strings.Builder{}}
	p.rule = engine.Rule{
		Name: "rule", Identity: "main",
		Steps: []engine.Step{{Kind: "say", Action: actionFunc(func(_ context.Context, run engine.Run) (engine.Result, error) {
			return engine.Result{Drafts: []engine.Draft{{Kind: 1, Content: run.Data.(*noteData).Text}}}, nil
		})}},
		Retry:  engine.Retry{Initial: 2 * time.Second, Max: 5 * time.Minute, MaxElapsed: 24 * time.Hour},
		Quorum: 1, PoW: engine.PoWBudget{Bits: 12, Time: 30 * time.Second},
	}
	return p
}

// relay adds a relay that the notes are owed to.
func (p *post) relay(name string, b ...relaytest.Behaviour) *relaytest.Relay {
	r := p.net.New(p.tb, name, local.Options{}, b...)
	p.rule.Relays = append(p.rule.Relays, r.URL())
	return r
}

// start runs the bot; stop is its clean end.
func (p *post) start() {
	p.tb.Helper()
	p.valve, p.watcher, p.ledger = &valve{in: make(chan engine.Signal)}, &watcher{}, p.store.Open()
	p.rule.Triggers = []engine.RuleTrigger{{
		Kind: engine.NewTriggerKind[struct{}, noteData]("valve", struct{}{}, func(_ struct{}, s engine.Setup) (engine.Trigger, error) {
			if s.Once {
				return idle{}, nil
			}
			return p.valve, nil
		}),
		Config: struct{}{},
	}}
	network := relay.New(relay.Options{
		Positions: p.ledger, DialContext: p.net.DialContext, Signer: func(string) engine.Signer { return signer(botKey) },
	})
	var publisher engine.Publisher = network
	if p.publisher != nil {
		publisher = p.publisher(network)
	}
	e, err := bot.New(bot.Options{
		Rules:      []engine.Rule{p.rule},
		Identities: identity.New(identity.Options{Configured: map[string]engine.Identity{"main": {Name: "main", Signer: p.signer, FloodStop: p.rule.FloodStop}}}),
		Ledger:     p.ledger, Journal: p.ledger, Publisher: publisher, Source: network, Observer: p.watcher,
		Log: slog.New(slog.NewTextHandler(io.Writer(p.log), nil)), Once: p.once,
	})
	if err != nil {
		p.tb.Fatal(err)
	}
	p.engine = e
	ctx, cancel := context.WithCancel(p.tb.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	var once sync.Once
	p.stop = func() {
		once.Do(func() {
			if !p.once {
				cancel()
			}
			if err := <-ended; err != nil {
				p.tb.Error(err)
			}
			if err := network.Close(); err != nil {
				p.tb.Error(err)
			}
		})
	}
	p.tb.Cleanup(p.stop)
	if p.once {
		p.stop()
	}
}

// write makes notes, one after the other.
func (p *post) write(texts ...string) {
	for _, text := range texts {
		p.n++
		p.valve.in <- engine.Signal{Key: fmt.Sprint(p.n), Time: time.Now(), Data: &noteData{Text: text}}
		synctest.Wait()
	}
}

// owed is what the ledger says of the delivery of a note to a relay.
func (p *post) owed(text string, r *relaytest.Relay) engine.Delivery {
	p.tb.Helper()
	for d, err := range p.ledger.Deliveries(p.tb.Context()) {
		if err != nil {
			p.tb.Fatal(err)
		}
		if d.Event.Content == text && d.Relay == r.URL() {
			return d
		}
	}
	p.tb.Fatalf("%q is not owed to %s", text, r.URL())
	return engine.Delivery{}
}

// arrived returns the texts that a relay has, in the order of their arrival.
func arrived(r *relaytest.Relay) []string {
	var texts []string
	for _, m := range r.Heard("EVENT") {
		e, ok := m.Event()
		if ok && len(r.Local.Query(nostr.Filter{IDs: []string{e.ID}})) == 1 && !slices.Contains(texts, e.Content) {
			texts = append(texts, e.Content)
		}
	}
	return texts
}

// ids returns the different ids under which a relay has heard a text.
func ids(r *relaytest.Relay, text string) []string {
	var found []string
	for _, m := range r.Heard("EVENT") {
		if e, ok := m.Event(); ok && e.Content == text && !slices.Contains(found, e.ID) {
			found = append(found, e.ID)
		}
	}
	return found
}

func wait(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// TestAnswers is the table of OK messages as the outbox acts on it: what becomes of the note that got the answer, how
// often it was sent within two hours, and what becomes of a second note that the relay would have taken.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer relaytest.Behaviour
		state  engine.DeliveryState
		sent   int
		second engine.DeliveryState
	}{
		"accepted":        {relaytest.Behaviour{}, engine.Accepted, 1, engine.Accepted},
		"duplicate":       {once(false, "duplicate: have it"), engine.Accepted, 1, engine.Accepted},
		"true, duplicate": {once(true, "duplicate: have it"), engine.Accepted, 1, engine.Accepted},
		"invalid":         {once(false, "invalid: no"), engine.Rejected, 1, engine.Accepted},
		"replaced":        {once(false, "replaced: have newer event"), engine.Rejected, 1, engine.Accepted},
		"deleted":         {once(false, "deleted: user requested"), engine.Rejected, 1, engine.Accepted},
		"mute":            {once(false, "mute: no one was listening"), engine.Rejected, 1, engine.Accepted},
		"blocked":         {once(false, "blocked: not on the list"), engine.Rejected, 1, engine.Pending},
		"restricted":      {once(false, "restricted: members only"), engine.Rejected, 1, engine.Pending},
		"auth-required":   {relaytest.AnswerTimes(1, "EVENT", relaytest.Say("AUTH", "not ours"), relaytest.Say("OK", "{{ID}}", false, "auth-required: who")), engine.Rejected, 1, engine.Pending},
		"no challenge":    {once(false, "auth-required: who"), engine.Rejected, 1, engine.Pending},
		"pow too dear":    {once(false, "pow: 40 bits needed"), engine.Rejected, 1, engine.Accepted},
		"rate-limited":    {once(false, "rate-limited: slow down"), engine.Accepted, 2, engine.Accepted},
		"error":           {once(false, "error: database is locked"), engine.Accepted, 2, engine.Accepted},
		"no prefix":       {once(false, "hm"), engine.Accepted, 2, engine.Accepted},
		"always an error": {always(false, "error: no"), engine.GivenUp, 10, engine.Accepted},
		"no answer":       {relaytest.AnswerTimes(2, "EVENT"), engine.Accepted, 3, engine.Accepted},
		"connection ends": {relaytest.OnConnection(1, relaytest.KillOn("EVENT")), engine.Accepted, 2, engine.Accepted},
		"too old":         {once(false, "blocked: event too old"), engine.Rejected, 1, engine.Accepted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPost(t)
				r := p.relay("one.test", tt.answer)
				p.start()
				p.write("first")
				wait(30 * time.Minute)
				p.write("second")
				wait(20 * time.Minute)
				second := p.owed("second", r)
				wait(time.Hour)
				first := p.owed("first", r)
				if first.State != tt.state || first.Attempts > tt.sent || (first.State != engine.Accepted && first.Reason == "") {
					t.Errorf("the first note is %s after %d attempts: %q", first.State, first.Attempts, first.Reason)
				}
				if n := heard(r, "first"); n != tt.sent {
					t.Errorf("the first note was sent %d times, want %d", n, tt.sent)
				}
				if second.State != tt.second || (second.State == engine.Pending && (second.Attempts != 0 || second.Reason == "")) {
					t.Errorf("the second note is %s after %d attempts: %q, want %s", second.State, second.Attempts, second.Reason, tt.second)
				}
				// What was held back is tried when the time is over.
				wait(3 * time.Hour)
				if second := p.owed("second", r); second.State != engine.Accepted {
					t.Errorf("the second note is %s in the end", second.State)
				}
			})
		})
	}
}

// once answers the first event only, always those that say "first".
func once(ok bool, reason string) relaytest.Behaviour {
	return relaytest.AnswerTimes(1, "EVENT", relaytest.Say("OK", "{{ID}}", ok, reason))
}

func always(ok bool, reason string) relaytest.Behaviour { return about("first", ok, reason) }

// about answers every event with a text.
func about(text string, ok bool, reason string) relaytest.Behaviour {
	return relaytest.Behaviour{Hears: func(c *relaytest.Conn, m relaytest.Message) bool {
		e, is := m.Event()
		if !is || e.Content != text {
			return true
		}
		c.Send(relaytest.Say("OK", e.ID, ok, reason))
		return false
	}}
}

// deaf ignores every event with a text.
func deaf(text string) relaytest.Behaviour {
	return relaytest.Behaviour{Hears: func(_ *relaytest.Conn, m relaytest.Message) bool {
		e, is := m.Event()
		return !is || e.Content != text
	}}
}

// heard counts how often a text was sent to a relay.
func heard(r *relaytest.Relay, text string) int {
	n := 0
	for _, m := range r.Heard("EVENT") {
		if e, ok := m.Event(); ok && e.Content == text {
			n++
		}
	}
	return n
}
