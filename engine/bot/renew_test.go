package bot_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"
	"github.com/nbd-wtf/go-nostr/nip13"

	"rhea/engine"
	"rhea/engine/relay"
	"rhea/engine/relay/relaytest"
)

// demands refuses events with less work than that.
func demands(bits int, reason string) relaytest.Behaviour {
	return relaytest.Behaviour{Hears: func(c *relaytest.Conn, m relaytest.Message) bool {
		e, is := m.Event()
		if !is || nip13.Difficulty(e.ID) >= bits {
			return true
		}
		c.Send(relaytest.Say("OK", e.ID, false, reason))
		return false
	}}
}

// tells adds limits to what a relay says about itself.
func tells(limits string, b relaytest.Behaviour) relaytest.Behaviour {
	b.Informs = func(w http.ResponseWriter) bool {
		_, err := io.WriteString(w, `{"limitation": {`+limits+`}}`)
		return err == nil
	}
	return b
}

// TestAnOldDateIsRenewedWhereTheRelayOnlySaysSoAboutItself has a relay that refuses what is older than a quarter of an
// hour, without a word about why.
func TestAnOldDateIsRenewedWhereTheRelayOnlySaysSoAboutItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(t)
		r := p.relay("one.test", tells(`"created_at_lower_limit": 900`, relaytest.Behaviour{Hears: func(c *relaytest.Conn, m relaytest.Message) bool {
			e, is := m.Event()
			if !is || time.Since(e.CreatedAt.Time()) < 15*time.Minute {
				return true
			}
			c.Send(relaytest.Say("OK", e.ID, false, "invalid: no"))
			return false
		}}))
		r.Stop()
		p.start()
		p.write("note")
		wait(30 * time.Minute)
		r.Start()
		wait(6 * time.Minute)
		if d := p.owed("note", r); d.State != engine.Accepted {
			t.Errorf("the note is %s: %q", d.State, d.Reason)
		}
	})
}

func TestWork(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		one, two relaytest.Behaviour
		// notes is how many different notes may be on both relays together, and states how each relay ends.
		notes    int
		one_, to engine.DeliveryState
	}{
		"both want work":         {demands(10, "pow: 10 bits needed"), demands(10, "pow: difficulty 0 is less than 10"), 1, engine.Accepted, engine.Accepted},
		"one wants more":         {demands(8, "pow: 8 bits needed"), demands(11, "pow: 11 bits needed"), 1, engine.Accepted, engine.Accepted},
		"another has it already": {relaytest.Behaviour{}, late(demands(10, "pow: 10 bits needed")), 1, engine.Accepted, engine.Rejected},
		"too much":               {late(demands(30, "pow: 30 bits needed")), relaytest.Behaviour{}, 1, engine.Rejected, engine.Accepted},
		"it does not say":        {demands(9, "pow: more"), demands(9, "pow: more"), 0, engine.Rejected, engine.Rejected},
		"it says so elsewhere":   {tells(`"min_pow_difficulty": 9`, demands(9, "pow: more")), demands(9, "pow: more 9"), 1, engine.Accepted, engine.Accepted},
		"it says too little":     {tells(`"min_pow_difficulty": 2`, demands(9, "pow: more")), demands(30, "pow: more"), 0, engine.Rejected, engine.Rejected},
		"it says too much":       {tells(`"min_pow_difficulty": 1e9`, demands(9, "pow: more")), demands(30, "pow: more"), 0, engine.Rejected, engine.Rejected},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPost(t)
				one, two := p.relay("one.test", tt.one), p.relay("two.test", tt.two)
				p.start()
				p.write("note")
				wait(time.Hour)
				var have []string
				for _, r := range []*relaytest.Relay{one, two} {
					for _, e := range r.Local.Query(nostr.Filter{}) {
						if ok, err := e.CheckSignature(); !ok || err != nil || !e.CheckID() {
							t.Errorf("a relay has an event with a bad signature: %v", err)
						}
						if !slices.Contains(have, e.ID) {
							have = append(have, e.ID)
						}
					}
				}
				// A relay that asks for more than the others took is left out: nothing is posted twice.
				if len(have) != tt.notes {
					t.Errorf("the relays have %d different notes, want %d", len(have), tt.notes)
				}
				if name == "one wants more" {
					return // Who is first decides.
				}
				if a, b := p.owed("note", one), p.owed("note", two); a.State != tt.one_ || b.State != tt.to {
					t.Errorf("the relays ended with %s %q and %s %q", a.State, a.Reason, b.State, b.Reason)
				}
			})
		})
	}
}

// late lets the other relay answer first.
func late(b relaytest.Behaviour) relaytest.Behaviour {
	hears := b.Hears
	b.Hears = func(c *relaytest.Conn, m relaytest.Message) bool {
		c.Wait(time.Second)
		return hears(c, m)
	}
	return b
}

func TestReplacementIsRecorded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(t)
		r := p.relay("one.test", demands(10, "pow: 10 bits needed"))
		p.start()
		p.write("note")
		wait(time.Minute)
		d := p.owed("note", r)
		if d.State != engine.Accepted || nip13.Difficulty(d.Event.ID) < 10 {
			t.Fatalf("%s %q", d.State, d.Reason)
		}
		history, err := p.ledger.History(t.Context(), engine.HistoryQuery{})
		if err != nil || len(history) != 2 {
			t.Fatalf("history: %+v, %v", history, err)
		}
		if h := history[0]; !slices.Equal(h.Published, []string{d.Event.ID}) || !strings.Contains(h.Reason, history[1].Published[0]) {
			t.Errorf("the history ends with %+v", h)
		}
	})
}

// TestStale delivers what was written during an outage: after hours under a new date, after minutes as it was, and
// never twice.
func TestStale(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		away  time.Duration
		other bool // another relay takes the note at once
		anew  bool
	}{
		"minutes":            {10 * time.Minute, false, false},
		"hours":              {5 * time.Hour, false, true},
		"hours at one relay": {5 * time.Hour, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPost(t)
				one, two := p.relay("one.test"), p.relay("two.test")
				one.Stop()
				if !tt.other {
					two.Stop()
				}
				p.start()
				written := time.Now()
				p.write("note")
				wait(tt.away)
				one.Start()
				wait(10 * time.Minute)
				if !tt.other {
					two.Start()
				}
				wait(4 * time.Hour)
				a, b := p.owed("note", one), p.owed("note", two)
				if a.State != engine.Accepted || b.State != engine.Accepted || a.Event.ID != b.Event.ID {
					t.Fatalf("one is %s, two is %s; ids %s, %s", a.State, b.State, a.Event.ID, b.Event.ID)
				}
				if anew := a.Event.CreatedAt.Time().Sub(written) > time.Hour; anew != tt.anew {
					t.Errorf("written at %s, dated %s", written, a.Event.CreatedAt.Time())
				}
				if x, y := ids(one, "note"), ids(two, "note"); len(x) != 1 || !slices.Equal(x, y) {
					t.Errorf("the relays have heard %q and %q", x, y)
				}
			})
		})
	}
}

// TestWhatAnotherEventNamesIsNotReplaced makes two notes during an outage of hours, the second of which refers to the
// first: only the second may get a new date, and with it another id.
func TestWhatAnotherEventNamesIsNotReplaced(t *testing.T) {
	t.Parallel()
	for name, names := range map[string]func(d *engine.Draft, id string){
		"in a tag":    func(d *engine.Draft, id string) { d.Tags = nostr.Tags{{"e", id, "", "root"}} },
		"in its text": func(d *engine.Draft, id string) { d.Content += id },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPost(t)
				p.rule.Steps = append(p.rule.Steps, engine.Step{Kind: "say", Action: actionFunc(
					func(_ context.Context, run engine.Run) (engine.Result, error) {
						d := engine.Draft{Kind: 1, Content: "see "}
						names(&d, run.Drafted[0].ID)
						return engine.Result{Drafts: []engine.Draft{d}}, nil
					})})
				r := p.relay("one.test")
				r.Stop()
				p.start()
				written := time.Now()
				p.write("note")
				named := p.owed("note", r).Event
				wait(5 * time.Hour)
				r.Start()
				wait(10 * time.Minute)
				if d := p.owed("note", r); d.State != engine.Accepted || d.Event.ID != named.ID {
					t.Errorf("what is named is %s as %s, want %s", d.State, d.Event.ID, named.ID)
				}
				for _, e := range r.Local.Query(nostr.Filter{}) {
					if e.Content != "note" && e.CreatedAt.Time().Sub(written) < time.Hour {
						t.Errorf("what names it keeps the date %s", e.CreatedAt.Time())
					}
				}
			})
		})
	}
}

// tripwire is a publisher that ends the process, as far as anybody can see, at the first event it is handed.
type tripwire struct {
	*relay.Network
	after  time.Duration
	start  time.Time
	sprung atomic.Bool
	spring func()
}

func (w *tripwire) Pipeline(ctx context.Context, r string, e nostr.Event, sent func()) error {
	if time.Since(w.start) > w.after && !w.sprung.Swap(true) {
		w.spring()
		<-ctx.Done()
		return ctx.Err()
	}
	return w.Network.Pipeline(ctx, r, e, sent)
}

// TestStaleKilled dies between the replacement of a stale note and its first publication.
func TestStaleKilled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(t)
		one, two := p.relay("one.test"), p.relay("two.test")
		one.Stop()
		two.Stop()
		killed := make(chan struct{})
		p.publisher = func(n *relay.Network) engine.Publisher {
			return &tripwire{Network: n, after: 4 * time.Hour, start: time.Now(), spring: func() { close(killed) }}
		}
		p.start()
		p.write("note")
		wait(5 * time.Hour)
		one.Start()
		two.Start()
		<-killed
		p.stop()
		p.publisher = nil
		p.start()
		wait(2 * time.Hour)
		a, b := p.owed("note", one), p.owed("note", two)
		if a.State != engine.Accepted || b.State != engine.Accepted {
			t.Fatalf("one is %s, two is %s", a.State, b.State)
		}
		if x, y := ids(one, "note"), ids(two, "note"); len(x) != 1 || !slices.Equal(x, y) {
			t.Errorf("the relays have heard %q and %q", x, y)
		}
	})
}

// TestDoubt leaves the bytes alone when a relay may have the note without having said so, also when it was an earlier
// run that asked it and the relay does not show what it has.
func TestDoubt(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		doubtful relaytest.Behaviour
		restart  bool
	}{
		"in this run":       {relaytest.Drop("OK"), false},
		"in an earlier run": {relaytest.Ignore("EVENT"), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPost(t)
				mute := p.relay("one.test", tt.doubtful)
				two := p.relay("two.test", demands(8, "pow: 8 bits needed"))
				two.Stop()
				p.start()
				p.write("note")
				wait(2 * time.Hour)
				if tt.restart {
					p.stop()
					p.start()
				}
				two.Start()
				wait(10 * time.Minute)
				if n := len(ids(mute, "note")); n != 1 {
					t.Errorf("the relay that never answers has heard %d different notes", n)
				}
				if d := p.owed("note", two); d.State != engine.Rejected {
					t.Errorf("the other is %s %q", d.State, d.Reason)
				}
			})
		})
	}
}
