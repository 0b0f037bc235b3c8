package profile_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/profile"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// What a person wrote, with spaces, an order and escapes of their own, and the same marked.
const (
	ann       = ` { "name":"Ann", "x": {"z":1.0,"a":"\u00e9"},  "about":"<me> & you" }`
	annMarked = ` {"bot":true, "name":"Ann", "x": {"z":1.0,"a":"\u00e9"},  "about":"<me> & you" }`
	old       = `{"name":"Ann","about":"long ago"}`
	oldMarked = `{"bot":true,"name":"Ann","about":"long ago"}`
	made      = `{"bot":true,"name":"greet"}`
	none      = "nothing"
)

// newMark is a bot that is to be marked, and nobody has written its profile.
func newMark(t *testing.T, b local.Options) *pair {
	p := newPair(t)
	p.id = profile.Identity{Name: "main", Mark: "greet"}
	p.b = p.net.New(t, "b.test", b)
	return p
}

// profileAt is the text of the profile that a relay has.
func profileAt(r *relaytest.Relay) string {
	if found := r.Local.Query(nostr.Filter{Kinds: []int{0}}); len(found) > 0 {
		return found[0].Content
	}
	return none
}

func (p *pair) holds(when, a, b string) {
	p.Helper()
	for relay, want := range map[*relaytest.Relay]string{p.a: a, p.b: b} {
		if got := profileAt(relay); got != want {
			p.Errorf("%s %s has %s, want %s", when, relay.URL(), got, want)
		}
	}
}

// TestMark has the second relay fail in every way, with and without a profile that nobody may lose.
func TestMark(t *testing.T) {
	t.Parallel()
	closed := relaytest.Answer("REQ", relaytest.Say("CLOSED", "{{ID}}", "restricted: members only"))
	lost := relaytest.KillOn("REQ")
	for name, tt := range map[string]struct {
		// What a person wrote on the two relays and how long ago; "" for nothing.
		a, b       string
		agoA, agoB time.Duration
		optsB      local.Options
		// fault is what is wrong with the second relay for the first hours.
		fault func(*relaytest.Relay)
		// early is what the first relay has after a minute, meanwhile after three hours, and then what both have when the
		// second one is well again.
		early, meanwhile, then string
		said                   string
	}{
		"nothing anywhere": {early: made, meanwhile: made, then: made},
		"one has it":       {b: ann, agoB: time.Hour, early: annMarked, meanwhile: annMarked, then: annMarked},
		"one has an older one": {
			a: ann, agoA: time.Hour, b: old, agoB: 2 * time.Hour, early: annMarked, meanwhile: annMarked, then: annMarked,
		},
		"one has a newer one": {
			a: old, agoA: 2 * time.Hour, b: ann, agoB: time.Hour, early: annMarked, meanwhile: annMarked, then: annMarked,
		},
		"marked already":     {b: annMarked, agoB: time.Hour, early: none, meanwhile: none, then: none},
		"says that it is no": {b: `{"name":"Ann","bot":false}`, early: none, meanwhile: none, then: none, said: "something else of bot than true"},
		"bot is a text":      {b: `{"name":"Ann","bot":"true"}`, early: none, meanwhile: none, then: none, said: "something else of bot than true"},
		"no JSON":            {b: `{"name":"Ann"`, early: none, meanwhile: none, then: none, said: "not the JSON that it should be"},
		"no text":            {b: " ", early: none, meanwhile: none, then: none, said: "not the JSON that it should be"},
		"null":               {b: "null", early: none, meanwhile: none, then: none, said: "not the JSON that it should be"},
		"a list":             {b: `["Ann"]`, early: none, meanwhile: none, then: none, said: "not the JSON that it should be"},
		"no JSON, newer": {
			a: ann, agoA: 2 * time.Hour, b: `{"name":"Ann"`, agoB: time.Hour, early: ann, meanwhile: ann, then: ann, said: "nothing was changed",
		},
		"empty": {b: `{ }`, early: `{"bot":true }`, meanwhile: `{"bot":true }`, then: `{"bot":true }`},
		"slow":  {b: ann, agoB: time.Hour, fault: behave(relaytest.Delay("", 5*time.Second)), early: annMarked, meanwhile: annMarked, then: annMarked},
		"too slow": {
			b: ann, agoB: time.Hour, fault: behave(relaytest.Delay("", 40*time.Second)), early: none, meanwhile: none, then: annMarked,
			said: "do not say whether they have a profile",
		},
		"down": {fault: stop, early: none, meanwhile: made, then: made},
		"the one that is down has it": {
			b: ann, agoB: time.Hour, fault: stop, early: none, meanwhile: made, then: annMarked,
		},
		"the one that is down has an older one": {
			a: ann, agoA: time.Hour, b: old, agoB: 2 * time.Hour, fault: stop, early: ann, meanwhile: annMarked, then: annMarked,
		},
		"the one that is down has a newer one": {
			a: old, agoA: 2 * time.Hour, b: ann, agoB: time.Hour, fault: stop, early: old, meanwhile: oldMarked, then: annMarked,
		},
		"hangs":               {fault: behave(relaytest.Ignore("REQ")), early: none, meanwhile: none, then: made},
		"hangs and has it":    {b: ann, agoB: time.Hour, fault: behave(relaytest.Ignore("REQ")), early: none, meanwhile: none, then: annMarked},
		"hangs, has a newer":  {a: old, agoA: 2 * time.Hour, b: ann, agoB: time.Hour, fault: behave(relaytest.Ignore("REQ")), early: old, meanwhile: old, then: annMarked},
		"never EOSE":          {fault: behave(relaytest.NeverEOSE()), early: none, meanwhile: none, then: made},
		"never EOSE, has it":  {b: ann, agoB: time.Hour, fault: behave(relaytest.NeverEOSE()), early: annMarked, meanwhile: annMarked, then: annMarked},
		"CLOSED":              {fault: behave(closed), early: none, meanwhile: none, then: made, said: "do not say whether they have a profile"},
		"CLOSED and has it":   {b: ann, agoB: time.Hour, fault: behave(closed), early: none, meanwhile: none, then: annMarked},
		"breaks off, has it":  {b: ann, agoB: time.Hour, fault: behave(lost), early: none, meanwhile: made, then: annMarked},
		"AUTH":                {optsB: local.Options{AuthToRead: true, AuthToWrite: true}, early: made, meanwhile: made, then: made},
		"AUTH, and it has it": {b: ann, agoB: time.Hour, optsB: local.Options{AuthToRead: true}, early: annMarked, meanwhile: annMarked, then: annMarked},
		"both are down": {
			b: ann, agoB: time.Hour, early: none, meanwhile: none, then: annMarked, fault: stop,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newMark(t, tt.optsB)
				if tt.a != "" {
					p.said(p.a, 0, tt.a, nil, tt.agoA)
				}
				if tt.b != "" {
					p.said(p.b, 0, tt.b, nil, tt.agoB)
				}
				if tt.fault != nil {
					tt.fault(p.b)
				}
				if name == "both are down" {
					p.a.Stop()
				}
				go func() {
					<-time.After(time.Minute)
					if got := profileAt(p.a); got != tt.early {
						t.Errorf("after a minute the first relay has %s, want %s", got, tt.early)
					}
					<-time.After(3 * time.Hour)
					if got := profileAt(p.a); got != tt.meanwhile {
						t.Errorf("after three hours the first relay has %s, want %s", got, tt.meanwhile)
					}
					back(p.a)
					back(p.b)
				}()
				p.run(30*time.Hour, false)
				b := tt.then
				if tt.then == none || tt.said == "nothing was changed" {
					b = tt.b // Nothing was changed.
				}
				p.holds("in the end", tt.then, b)
				if text := p.log.String(); tt.said != "" && !strings.Contains(text, tt.said) {
					t.Errorf("the log does not say %q:\n%s", tt.said, text)
				}
				if n := len(p.a.Heard("EVENT")); n > 2 {
					t.Errorf("the first relay was sent %d events", n)
				}
			})
		})
	}
}

// TestMarkElsewhere looks for a profile where the identity itself says that it writes.
func TestMarkElsewhere(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		marker        string
		down, late    bool
		meanwhile, to string
	}{
		"it writes there":         {meanwhile: annMarked, to: annMarked},
		"it reads there":          {marker: "read", meanwhile: made, to: ann},
		"that is down for a time": {down: true, meanwhile: made, to: annMarked},
		"that is said later":      {late: true, meanwhile: made, to: annMarked},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newMark(t, local.Options{})
				c := p.net.New(t, "c.test", local.Options{})
				p.said(c, 0, ann, nil, time.Hour)
				list := func() {
					tag := nostr.Tag{"r", c.URL() + "/"}
					if tt.marker != "" {
						tag = append(tag, tt.marker)
					}
					p.said(p.a, 10002, "", nostr.Tags{tag, {"r", "wss://nonsense\x00"}, {"r"}, {"r", p.b.URL() + "/"}}, 0)
				}
				if !tt.late {
					list()
				}
				if tt.down {
					c.Stop()
				}
				go func() {
					<-time.After(time.Hour)
					p.holds("after an hour", tt.meanwhile, tt.meanwhile)
					if tt.late {
						list()
					}
					if tt.down {
						c.Start()
					}
				}()
				p.run(80*time.Hour, false)
				then := tt.to
				if tt.marker != "" {
					then = made
				}
				p.holds("in the end", then, then)
				if got := profileAt(c); got != tt.to {
					t.Errorf("the third relay has %s, want %s", got, tt.to)
				}
			})
		})
	}
}

// TestMarkEdited has a person write a new profile with another program after the old one was marked.
func TestMarkEdited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newMark(t, local.Options{})
		p.said(p.a, 0, old, nil, time.Hour)
		p.run(time.Hour, false)
		p.holds("at first", oldMarked, oldMarked)
		p.said(p.b, 0, ann, nil, 0)
		p.run(48*time.Hour, false)
		p.holds("in the end", annMarked, annMarked)
	})
}

// TestMarkForgotten has relays show nothing of what they had: nothing takes its place until that has lasted.
func TestMarkForgotten(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		span time.Duration
		want string
	}{"for two days": {48 * time.Hour, none}, "for five days": {5 * 24 * time.Hour, made}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newMark(t, local.Options{})
				p.said(p.a, 0, annMarked, nil, time.Hour)
				p.run(time.Hour, false)
				p.a, p.b = p.net.New(t, "a.test", local.Options{}), p.net.New(t, "b.test", local.Options{})
				p.run(tt.span, false)
				p.holds("in the end", tt.want, tt.want)
			})
		})
	}
}

// TestMarkOnce marks nobody in a single pass while a relay is missing.
func TestMarkOnce(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault func(*relaytest.Relay)
		want  string
	}{"all answer": {nil, made}, "one is down": {stop, none}, "one hangs": {behave(relaytest.Ignore("REQ")), none}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newMark(t, local.Options{})
				if tt.fault != nil {
					tt.fault(p.b)
				}
				p.run(10*time.Minute, true)
				if got := profileAt(p.a); got != tt.want {
					t.Errorf("the first relay has %s, want %s", got, tt.want)
				}
			})
		})
	}
}
