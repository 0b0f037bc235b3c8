package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay/relaytest"
)

// far is a relay far away: its answers take a while.
type far struct {
	delay, noDelay time.Duration
	// answer says what it answers to the n-th event: "" for yes, silence for nothing.
	answer func(n int, e nostr.Event) string

	mu    sync.Mutex
	heard []arrival
}

const silence = "silence"

// arrival is an event that a relay was sent.
type arrival struct {
	text string
	at   time.Time
}

func (f *far) behaviour() relaytest.Behaviour {
	return relaytest.Behaviour{
		Hears: func(c *relaytest.Conn, m relaytest.Message) bool {
			e, is := m.Event()
			if !is {
				return true
			}
			reason := f.hear(e)
			if reason != "" && reason != silence {
				time.AfterFunc(f.noDelay, func() { c.Send(relaytest.Say("OK", e.ID, false, reason)) })
			}
			return reason == ""
		},
		Says: func(c *relaytest.Conn, m relaytest.Message) []relaytest.Message {
			if m.Label() != "OK" {
				return []relaytest.Message{m}
			}
			time.AfterFunc(f.delay, func() { c.Send(m) })
			return nil
		},
	}
}

func (f *far) hear(e nostr.Event) (reason string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.heard = append(f.heard, arrival{e.Content, time.Now()})
	if f.answer == nil {
		return ""
	}
	return f.answer(len(f.heard), e)
}

// texts are what the relay was sent, in order.
func (f *far) texts() (texts []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.heard {
		texts = append(texts, a.text)
	}
	return texts
}

// newFar has a bot owe so many notes to a relay, and then starts the relay.
func newFar(t *testing.T, b relaytest.Behaviour, n int) (p *post, r *relaytest.Relay, texts []string) {
	t.Helper()
	for i := range n {
		texts = append(texts, fmt.Sprint("note ", i))
	}
	p = newPost(t)
	p.rule.FloodStop = []engine.Rate{{Count: 10 * n, Per: time.Hour}}
	r = p.relay("one.test", b)
	r.Stop()
	p.start()
	p.write(texts...)
	r.Start()
	return p, r, texts
}

// TestADistantRelay sends to relays that answer after a while, as many notes a second as goal 11 wants, in order.
func TestADistantRelay(t *testing.T) {
	t.Parallel()
	for delay, want := range map[time.Duration]float64{20 * time.Millisecond: 400, 80 * time.Millisecond: 100} {
		t.Run(delay.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := &far{delay: delay}
				p, r, texts := newFar(t, f.behaviour(), 1200)
				wait(10 * time.Minute)
				if got := f.texts(); !slices.Equal(got, texts) {
					t.Fatalf("%d of %d arrived in order", len(got), len(texts))
				}
				for _, text := range []string{texts[300], texts[1199]} {
					if d := p.owed(text, r); d.State != engine.Accepted || d.Attempts != 1 {
						t.Errorf("%s is %s after %d attempts", text, d.State, d.Attempts)
					}
				}
				// The first 200 show that the relay takes more than one at a time.
				took := f.heard[1199].at.Sub(f.heard[199].at)
				if rate := 1000 / took.Seconds(); rate < want {
					t.Errorf("%.0f notes a second, want %.0f", rate, want)
				}
			})
		})
	}
}

// TestARefusalAmongMany has a relay refuse one of many notes under way: nothing more is sent until the others are
// answered, and then one at a time. What may be sent again goes before what comes after it as soon as it may.
func TestARefusalAmongMany(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		reason string
		again  time.Duration // within which it is sent again; 0 for never
		state  engine.DeliveryState
	}{
		"error":        {"error: database is locked", 3 * time.Second, engine.Accepted},
		"rate-limited": {"rate-limited: slow down", 2 * time.Minute, engine.Accepted},
		"blocked":      {"blocked: no", 0, engine.Rejected},
		"invalid":      {"invalid: no", 0, engine.Rejected},
		"work":         {"pow: 8 bits needed", time.Second, engine.Accepted},
		"too much":     {"pow: 40 bits needed", 0, engine.Rejected},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const delay = 80 * time.Millisecond
				f := &far{delay: delay, noDelay: delay / 2}
				refused := -1
				f.answer = func(n int, e nostr.Event) string {
					if e.Content != "note 406" || refused >= 0 {
						return ""
					}
					refused = n - 1
					return tt.reason
				}
				p, r, _ := newFar(t, f.behaviour(), 500)
				wait(20 * time.Minute)
				if d := p.owed("note 406", r); tt.reason[:3] != "pow" && d.State != tt.state {
					t.Errorf("it is %s: %s", d.State, d.Reason)
				}
				heard := f.heard
				at := heard[refused].at
				next := slices.IndexFunc(heard, func(a arrival) bool { return a.at.After(at.Add(delay / 2)) })
				if next-refused < 2 || heard[next].at.Before(heard[next-1].at.Add(delay)) {
					t.Errorf("%d follow before the refusal; the next one comes %s after the last one before it, want %s",
						next-refused-1, heard[next].at.Sub(heard[next-1].at), delay)
				}
				for i := range 30 {
					if a := heard[next+i]; a.at.Sub(heard[next+i-1].at) < delay/2 {
						t.Errorf("%s follows after %s", a.text, a.at.Sub(heard[next+i-1].at))
					}
				}
				again := slices.IndexFunc(heard[next:], func(a arrival) bool { return a.text == "note 406" })
				switch {
				case tt.again == 0 && again >= 0:
					t.Error("it was sent again")
				case tt.again > 0 && (again < 0 || heard[next+again].at.Sub(at) > tt.again):
					t.Errorf("it was not sent again within %s: %d", tt.again, again)
				case (name == "work" || name == "rate-limited") && again != 0:
					t.Errorf("%d went before it", again)
				}
				if want := 500; len(arrived(r)) != want && tt.state == engine.Accepted {
					t.Errorf("%d of %d notes arrived", len(arrived(r)), want)
				}
			})
		})
	}
}

// TestARelayTurnsAgainstMany has a relay refuse all that is under way, for one reason. That counts once: it gets no slower
// a pace, and no more notes are lost, than when one was sent at a time.
func TestARelayTurnsAgainstMany(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		reason   string
		within   time.Duration
		rejected int
		says     string
	}{
		"rate-limited": {"rate-limited: slow down", 5 * time.Minute, 0, "relay wants fewer events"},
		// Three in a row, and those that are answered in the same moment as a note that was sent before them.
		"blocked": {"blocked: not on the list", 2 * time.Hour, 3, "relay takes no events of this identity"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := &far{delay: 80 * time.Millisecond, noDelay: 80 * time.Millisecond}
				var turned time.Time
				f.answer = func(n int, _ nostr.Event) string {
					if n == 400 {
						turned = time.Now()
					}
					if n < 400 || time.Since(turned) > time.Second {
						return ""
					}
					return tt.reason
				}
				p, r, texts := newFar(t, f.behaviour(), 500)
				wait(time.Minute + tt.within)
				rejected := 0
				for _, err := range p.ledger.Deliveries(t.Context(), engine.Rejected) {
					if rejected++; err != nil {
						t.Error(err)
					}
				}
				if rejected < tt.rejected || rejected > 2*tt.rejected {
					t.Errorf("%d notes are rejected, want %d", rejected, tt.rejected)
				}
				if n := len(arrived(r)); n != len(texts)-rejected {
					t.Errorf("%d of %d notes arrived", n, len(texts))
				}
				if n := strings.Count(p.log.String(), tt.says); n != 1 {
					t.Errorf("that is told %d times", n)
				}
			})
		})
	}
}

// TestAConnectionEndsWithManyUnderWay has a relay hang up on sixteen notes without an answer: each of them is sent once
// more, and counts once.
func TestAConnectionEndsWithManyUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &far{delay: 80 * time.Millisecond}
		b := f.behaviour()
		hears := b.Hears
		b.Hears = func(c *relaytest.Conn, m relaytest.Message) bool {
			heard := hears(c, m)
			if c.Number == 1 && len(f.texts()) == 415 {
				c.Kill()
			}
			return heard
		}
		p, r, texts := newFar(t, b, 500)
		wait(20 * time.Minute)
		twice := 0
		for _, text := range texts {
			d, n := p.owed(text, r), heard(r, text)
			if d.State != engine.Accepted || n > d.Attempts || d.Attempts > 2 {
				t.Errorf("%s is %s after %d attempts, and was sent %d times", text, d.State, d.Attempts, n)
			}
			twice += n - 1
		}
		if twice < 10 || twice > engine.MaxInFlight || r.Connections() != 2 {
			t.Errorf("%d notes were sent twice over %d connections", twice, r.Connections())
		}
		accepted := 0
		for _, s := range p.watcher.settled {
			if s.State == engine.Accepted {
				accepted++
			}
		}
		if accepted != len(texts) {
			t.Errorf("%d notes are accepted, want %d", accepted, len(texts))
		}
	})
}

// TestARelayFallsSilentWithManyUnderWay has a relay stop answering: it is sent no more than what is under way, twice, and
// then one note now and then.
func TestARelayFallsSilentWithManyUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &far{delay: 80 * time.Millisecond}
		silent := false
		f.answer = func(n int, _ nostr.Event) string {
			if silent = silent || n == 400; silent {
				return silence
			}
			return ""
		}
		p, r, texts := newFar(t, f.behaviour(), 500)
		wait(time.Minute)
		if n := len(f.texts()); n < 400 || n > 400+2*engine.MaxInFlight+10 {
			t.Errorf("the relay was sent %d events in the first minute", n)
		}
		before := len(f.texts())
		wait(2 * time.Hour)
		if n := len(f.texts()) - before; n < 20 || n > 120 {
			t.Errorf("it was sent %d events in two hours", n)
		}
		if n := strings.Count(p.log.String(), "relay takes no events"); n != 2 { // Once before it was there.
			t.Errorf("its silence is told of %d times:\n%s", n, p.log)
		}
		f.mu.Lock()
		f.answer = nil
		f.mu.Unlock()
		wait(20 * time.Minute)
		if n := len(arrived(r)); n != len(texts) {
			t.Errorf("%d of %d notes arrived when it answered again", n, len(texts))
		}
	})
}

// TestVersionsAmongMany owes three versions of an article among many notes: the relay is sent the newest only.
func TestVersionsAmongMany(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &far{delay: 80 * time.Millisecond}
		p, r, texts := newFar(t, f.behaviour(), 0)
		r.Stop()
		p.stop()
		p.rule.FloodStop = []engine.Rate{{Count: 10_000, Per: time.Hour}}
		p.writes(func(text string) engine.Draft {
			if strings.HasPrefix(text, "version") {
				return article(text)
			}
			return engine.Draft{Kind: 1, Content: text}
		})
		p.start()
		for i := range 400 {
			texts = append(texts, fmt.Sprint("note ", i))
		}
		p.write(texts...)
		for _, text := range []string{"version 1", "between", "version 2", "version 3", "last"} {
			p.write(text)
			wait(time.Second)
		}
		r.Start()
		wait(10 * time.Minute)
		if got, want := f.texts(), append(texts, "between", "version 3", "last"); !slices.Equal(got, want) {
			t.Errorf("the relay was sent %q", got[min(len(got), 400):])
		}
	})
}
