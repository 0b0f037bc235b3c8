package relay_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/engine/relay"
	"rhea/engine/relay/relaytest"
)

const (
	aliceKey = enginetest.AliceKey
	bobKey   = enginetest.BobKey
	botKey   = enginetest.BotKey
)

// keySigner signs with a key of these tests.
type keySigner string

func (k keySigner) PublicKey() string {
	pub, err := nostr.GetPublicKey(string(k))
	if err != nil {
		panic(err)
	}
	return pub
}

func (k keySigner) Sign(_ context.Context, e *nostr.Event) error { return e.Sign(string(k)) }

// sign finishes an event with now as its date unless it has one.
func sign(tb testing.TB, key string, e nostr.Event) nostr.Event {
	tb.Helper()
	return enginetest.Sign(tb, key, e)
}

// note is a note of Alice.
func note(tb testing.TB, text string) nostr.Event {
	tb.Helper()
	return sign(tb, aliceKey, nostr.Event{Kind: 1, Content: text})
}

// noteAt is a note of Alice with a date relative to now.
func noteAt(tb testing.TB, text string, d time.Duration) nostr.Event {
	tb.Helper()
	return sign(tb, aliceKey, nostr.Event{Kind: 1, Content: text, CreatedAt: nostr.Timestamp(time.Now().Add(d).Unix())})
}

// positions keeps positions in memory.
type positions struct {
	mu   sync.Mutex
	at   map[string]string
	fail error
}

func newPositions() *positions { return &positions{at: make(map[string]string)} }

func (p *positions) Position(_ context.Context, stream string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at[stream], nil
}

func (p *positions) Advance(_ context.Context, to engine.Position) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		return p.fail
	}
	p.at[to.Stream] = to.Value
	return nil
}

func (p *positions) all() map[string]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.at)
}

// client is a network with what it needs around it.
type client struct {
	*relay.Network
	tb testing.TB
	// patience is how long an event may take. Time in a bubble costs nothing.
	patience time.Duration
}

type dialer func(ctx context.Context, network, address string) (net.Conn, error)

func newClient(tb testing.TB, p *positions, dial dialer) *client {
	tb.Helper()
	bot := keySigner(botKey)
	opts := relay.Options{
		Positions: p,
		Signer: func(pubkey string) engine.Signer {
			if pubkey == bot.PublicKey() {
				return bot
			}
			return nil
		},
		Log:         slog.New(slog.DiscardHandler),
		DialContext: dial,
	}
	c := &client{Network: relay.New(opts), tb: tb, patience: 30 * time.Second}
	if dial != nil {
		c.patience = 15 * time.Minute
	}
	tb.Cleanup(c.close)
	return c
}

func (c *client) close() {
	if err := c.Close(); err != nil {
		c.tb.Error(err)
	}
}

// listening is a running Subscribe and what it has delivered.
type listening struct {
	tb     testing.TB
	cancel context.CancelFunc
	done   chan error
	got    chan engine.Received
	// patience is how long an event may take.
	patience time.Duration
}

// listen subscribes to all notes unless the query says otherwise.
func (c *client) listen(q engine.Query, relays ...string) *listening {
	return c.listenWith(q, func(context.Context, engine.Received) error { return nil }, relays...)
}

// listenWith subscribes with a consumer whose successes are collected.
func (c *client) listenWith(
	q engine.Query, deliver func(context.Context, engine.Received) error, relays ...string,
) *listening {
	c.tb.Helper()
	if q.Stream == "" {
		q.Stream = "test"
	}
	if q.Filters == nil {
		q.Filters = nostr.Filters{{Kinds: []int{1}}}
	}
	if q.Pubkey == "" {
		q.Pubkey = keySigner(botKey).PublicKey()
	}
	q.Relays = relays
	ctx, cancel := context.WithCancel(context.Background())
	l := &listening{
		tb: c.tb, cancel: cancel, done: make(chan error, 1), got: make(chan engine.Received, 10_000),
		patience: c.patience,
	}
	go func() {
		wait, err := c.Subscribe(ctx, q, func(ctx context.Context, r engine.Received) error {
			err := deliver(ctx, r)
			if err == nil {
				l.got <- r
			}
			return err
		})
		if err == nil {
			wait()
		}
		l.done <- err
	}()
	c.tb.Cleanup(func() { l.stop() })
	return l
}

// stop ends the subscription and returns how long that took.
func (l *listening) stop() time.Duration {
	l.tb.Helper()
	if l.done == nil {
		return 0
	}
	start := time.Now()
	l.cancel()
	if err := <-l.done; err != nil {
		l.tb.Error(err)
	}
	l.done = nil
	return time.Since(start)
}

// want waits for exactly these events, in any order, each once.
func (l *listening) want(events ...nostr.Event) []engine.Received {
	l.tb.Helper()
	missing := make(map[string]bool)
	for _, e := range events {
		missing[e.ID] = true
	}
	var got []engine.Received
	for len(missing) > 0 {
		select {
		case r := <-l.got:
			if !missing[r.Event.ID] {
				l.tb.Fatalf("delivered %s %q, which is not wanted or came twice", r.Event.ID, r.Event.Content)
			}
			delete(missing, r.Event.ID)
			got = append(got, r)
		case <-time.After(l.patience):
			l.tb.Fatalf("%d of %d events were not delivered", len(missing), len(events))
		}
	}
	return got
}

// nothing checks that nothing more was delivered so far.
func (l *listening) nothing() {
	l.tb.Helper()
	select {
	case r := <-l.got:
		l.tb.Fatalf("delivered %q, which is not wanted", r.Event.Content)
	default:
	}
}

var errNotNow = errors.New("not now")

func numbered(tb testing.TB, n int) []nostr.Event {
	tb.Helper()
	events := make([]nostr.Event, n)
	for i := range events {
		events[i] = note(tb, fmt.Sprintf("note %d", i))
	}
	return events
}

// pass lets time go by. In a bubble that costs nothing.
func pass(d time.Duration) { <-time.After(d) }

// asked returns the REQs that a relay has heard, without probes.
func asked(r *relaytest.Relay) []relaytest.Message {
	return slices.DeleteFunc(r.Heard("REQ"), func(m relaytest.Message) bool {
		return slices.ContainsFunc(m.Filters(), func(f nostr.Filter) bool { return f.Limit == 1 })
	})
}

// eventJSON is an event as relays send it.
func eventJSON(tb testing.TB, e nostr.Event) string {
	tb.Helper()
	b, err := json.Marshal(e)
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

// hostileFrames returns what relays might send instead of an event.
func hostileFrames(tb testing.TB, sub string, e nostr.Event) map[string]string {
	tb.Helper()
	return relaytest.HostileFrames(sub, e, sign(tb, bobKey, nostr.Event{Kind: 7, Content: "+", CreatedAt: e.CreatedAt}))
}
