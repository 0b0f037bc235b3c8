package profile_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/bot"
	"rhea/engine/identity"
	"rhea/engine/ledger/memory"
	"rhea/engine/profile"
	"rhea/engine/relay"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// pair is a bot with two real relays, of which one may be missing.
type pair struct {
	*testing.T
	net   *relaytest.Network
	store *memory.Store
	a, b  *relaytest.Relay
	id    profile.Identity
	log   strings.Builder
}

func newPair(t *testing.T) *pair {
	p := &pair{T: t, net: relaytest.NewNetwork(), store: memory.NewStore()}
	p.id = profile.Identity{Name: "main", Fields: map[string]any{"name": "Bot", "bot": true}}
	p.a, p.b = p.net.New(t, "a.test", local.Options{}), p.net.New(t, "b.test", local.Options{})
	return p
}

// run runs the bot for a while, with once for a single pass.
func (p *pair) run(d time.Duration, once bool) {
	p.Helper()
	ledger := p.store.Open()
	network := relay.New(relay.Options{
		Positions: ledger, DialContext: p.net.DialContext, Signer: func(string) engine.Signer { return signer{} },
	})
	p.id.Relays = []string{p.a.URL(), p.b.URL()}
	e, err := bot.New(bot.Options{
		Rules:      profile.Rules([]profile.Identity{p.id}),
		Identities: identity.New(identity.Options{Configured: map[string]engine.Identity{"main": {Name: "main", Signer: signer{}}}}),
		Ledger:     ledger, Source: network, Publisher: network, Once: once,
		Log: slog.New(slog.NewTextHandler(io.Writer(&p.log), nil)),
	})
	if err != nil {
		p.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(p.Context(), d)
	defer cancel()
	if err := e.Run(ctx); err != nil {
		p.Error(err)
	}
	if err := network.Close(); err != nil {
		p.Error(err)
	}
	if err := ledger.Close(); err != nil {
		p.Error(err)
	}
}

// wrote is a profile that a person wrote some time ago with another program. One that is complete says all that the
// bot would.
func (p *pair) wrote(r *relaytest.Relay, about string, ago time.Duration) {
	p.Helper()
	name := `"name":"old"`
	if about == "complete" {
		name = `"name":"Bot","bot":true`
	}
	p.said(r, 0, `{"about":"`+about+`",`+name+`}`, nil, ago)
}

// said is an event that a person published some time ago with another program.
func (p *pair) said(r *relaytest.Relay, kind int, content string, tags nostr.Tags, ago time.Duration) {
	p.Helper()
	e := nostr.Event{Kind: kind, Content: content, Tags: tags, CreatedAt: nostr.Timestamp(time.Now().Add(-ago).Unix())}
	if err := e.Sign(secret); err != nil {
		p.Fatal(err)
	}
	r.Publish(e)
}

// shows is what a relay has, as name, bot and about.
func shows(r *relaytest.Relay) string {
	found := r.Local.Query(nostr.Filter{Kinds: []int{0}})
	if len(found) == 0 {
		return "nothing"
	}
	var fields struct {
		Name, About string
		Bot         bool
	}
	if json.Unmarshal([]byte(found[0].Content), &fields) != nil {
		return found[0].Content
	}
	said := fields.Name
	if fields.Bot {
		said += " bot"
	}
	return strings.TrimSpace(said + " " + fields.About)
}

func (p *pair) expect(when, a, b string) {
	p.Helper()
	if got := shows(p.a); got != a {
		p.Errorf("%s the first relay shows %q, want %q", when, got, a)
	}
	if got := shows(p.b); got != b {
		p.Errorf("%s the second relay shows %q, want %q", when, got, b)
	}
}

// TestMissingRelay has a relay missing that may be the only one to know what a person wrote of the bot.
func TestMissingRelay(t *testing.T) {
	t.Parallel()
	silent := relaytest.Ignore("REQ")
	for name, tt := range map[string]struct {
		// What people wrote on the two relays and how long ago; "" for nothing.
		a, b       string
		agoA, agoB time.Duration
		// gone makes the second relay missing.
		gone func(*relaytest.Relay)
		// early is what the first relay shows after a minute, while what it shows later, then what both show when the
		// second one is back.
		early, meanwhile, then string
	}{
		"nothing anywhere":            {gone: stop, early: "nothing", meanwhile: "Bot bot", then: "Bot bot"},
		"silent":                      {gone: behave(silent), early: "nothing", meanwhile: "Bot bot", then: "Bot bot"},
		"only the missing one has it": {b: "mine", agoB: time.Hour, gone: stop, early: "nothing", meanwhile: "Bot bot", then: "Bot bot mine"},
		"only the silent one has it":  {b: "mine", agoB: time.Hour, gone: behave(silent), early: "nothing", meanwhile: "Bot bot", then: "Bot bot mine"},
		"never says that this is all": {b: "mine", agoB: time.Hour, gone: behave(relaytest.NeverEOSE()), early: "Bot bot mine", meanwhile: "Bot bot mine", then: "Bot bot mine"},
		"the missing one has a newer one": {
			a: "older", agoA: 2 * time.Hour, b: "newer", agoB: time.Hour, gone: stop,
			early: "old older", meanwhile: "Bot bot older", then: "Bot bot newer",
		},
		"the silent one has a newer one": {
			a: "older", agoA: 2 * time.Hour, b: "newer", agoB: time.Hour, gone: behave(silent),
			early: "old older", meanwhile: "Bot bot older", then: "Bot bot newer",
		},
		"the missing one has all": {
			a: "older", agoA: 2 * time.Hour, b: "complete", agoB: time.Hour, gone: stop,
			early: "old older", meanwhile: "Bot bot older", then: "Bot bot complete",
		},
		"the missing one has an older one": {
			a: "newer", agoA: time.Hour, b: "older", agoB: 2 * time.Hour, gone: stop,
			early: "old newer", meanwhile: "Bot bot newer", then: "Bot bot newer",
		},
		"slow": {
			a: "older", agoA: 2 * time.Hour, b: "newer", agoB: time.Hour, gone: behave(relaytest.Delay("", 5*time.Second)),
			early: "Bot bot newer", meanwhile: "Bot bot newer", then: "Bot bot newer",
		},
		"a minute late": {
			a: "older", agoA: 2 * time.Hour, b: "newer", agoB: time.Hour, gone: func(r *relaytest.Relay) {
				r.Behave(silent)
				time.AfterFunc(70*time.Second, func() { r.Behave() })
			},
			early: "old older", meanwhile: "Bot bot newer", then: "Bot bot newer",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPair(t)
				if tt.a != "" {
					p.wrote(p.a, tt.a, tt.agoA)
				}
				if tt.b != "" {
					p.wrote(p.b, tt.b, tt.agoB)
				}
				tt.gone(p.b)
				go func() {
					<-time.After(time.Minute)
					if got := shows(p.a); got != tt.early {
						t.Errorf("after a minute the first relay shows %q, want %q", got, tt.early)
					}
					<-time.After(3 * time.Minute)
					if got := shows(p.a); got != tt.meanwhile {
						t.Errorf("after four minutes the first relay shows %q, want %q", got, tt.meanwhile)
					}
					<-time.After(6 * time.Minute)
					back(p.b)
				}()
				p.run(3*time.Hour, false)
				p.expect("in the end", tt.then, tt.then)
				if n := len(p.a.Heard("EVENT")); n > 2 {
					t.Errorf("the first relay was sent %d events", n)
				}
			})
		})
	}
}

func stop(r *relaytest.Relay) { r.Stop() }

func behave(b relaytest.Behaviour) func(*relaytest.Relay) {
	return func(r *relaytest.Relay) { r.Behave(b) }
}

// back makes a relay an honest one that is there.
func back(r *relaytest.Relay) {
	r.Behave()
	r.Stop()
	r.Start()
}

// TestMissingOverRestarts remembers over restarts what the profile was made of.
func TestMissingOverRestarts(t *testing.T) {
	t.Parallel()
	for name, once := range map[string]bool{"running": false, "one pass at a time": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPair(t)
				p.wrote(p.b, "mine", time.Hour)
				p.b.Stop()
				for range 3 {
					began := time.Now()
					p.run(10*time.Minute, once)
					if took := time.Since(began); once && took > 15*time.Second {
						t.Errorf("a single pass took %s", took)
					}
					p.expectOne("while one is missing", "Bot bot")
					<-time.After(time.Hour)
				}
				if n := len(p.a.Heard("EVENT")); n != 1 {
					t.Errorf("the first relay was sent %d events, want one", n)
				}
				if text := p.log.String(); !strings.Contains(text, "do not say what they have") || !strings.Contains(text, "ws://b.test") {
					t.Errorf("the log does not say which relay is missing:\n%s", text)
				}
				p.b.Start()
				p.run(10*time.Minute, once)
				p.expect("in the end", "Bot bot mine", "Bot bot mine")
			})
		})
	}
}

func (p *pair) expectOne(when, a string) {
	p.Helper()
	if got := shows(p.a); got != a {
		p.Errorf("%s the first relay shows %q, want %q", when, got, a)
	}
}

// TestRelaysTakeTurns has each relay missing while the other one is there: our own older event is nobody's newer one.
func TestRelaysTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t)
		p.wrote(p.b, "mine", time.Hour)
		p.b.Stop()
		p.run(10*time.Minute, false)
		p.a.Stop()
		p.b.Start()
		p.run(10*time.Minute, false)
		p.expect("before they meet", "Bot bot", "Bot bot mine")
		p.a.Start()
		p.run(10*time.Minute, false)
		p.expect("in the end", "Bot bot mine", "Bot bot mine")
	})
}

// TestEditedMeanwhile keeps what a person writes while a relay is missing: that is newer than what the missing one has.
func TestEditedMeanwhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t)
		p.wrote(p.b, "before", time.Hour)
		p.b.Stop()
		p.run(10*time.Minute, false)
		p.wrote(p.a, "edited", 0)
		<-time.After(time.Minute)
		p.b.Start()
		p.run(10*time.Minute, false)
		p.expect("in the end", "Bot bot edited", "Bot bot edited")
	})
}
