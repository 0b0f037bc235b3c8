package bot_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
	"rhea/engine/relay/relaytest"
)

// TestAwayBurnsNothing queues notes while every relay is down. None counts an attempt, and all go out in order as
// soon as a relay is there.
func TestAwayBurnsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(t)
		one, two := p.relay("one.test"), p.relay("two.test")
		p.start()
		p.write("before")
		one.Stop()
		two.Stop()
		wait(time.Second)
		var texts []string
		for i := range 40 {
			texts = append(texts, fmt.Sprint("note ", i))
		}
		p.write(texts...)
		wait(20 * time.Minute)
		for _, text := range texts {
			if d := p.owed(text, one); d.State != engine.Pending || d.Attempts != 0 {
				t.Errorf("%q is %s after %d attempts", text, d.State, d.Attempts)
			}
		}
		connections := one.Connections()
		one.Start()
		for one.Connections() == connections {
			wait(time.Second)
		}
		wait(2 * time.Second)
		if got := arrived(one); !slices.Equal(got, append([]string{"before"}, texts...)) {
			t.Errorf("two seconds after the relay was reached again it has %q", got)
		}
		if n := strings.Count(p.log.String(), "relay takes no events"); n != 2 {
			t.Errorf("two outages are told of %d times:\n%s", n, p.log)
		}
	})
}

// TestPoison has one note that the relay never answers, and one on which it hangs up. The others are not held up: they
// wait for the silence, or for the next connection, and no longer.
func TestPoison(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		relay  relaytest.Behaviour
		within time.Duration
	}{
		"ignored":  {deaf("poison"), 30 * time.Second},
		"hangs up": {hangUp("poison"), 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPost(t)
				r := p.relay("one.test", tt.relay)
				p.start()
				p.write("poison")
				for i := range 60 {
					text := fmt.Sprint("note ", i)
					p.write(text)
					wait(tt.within)
					if d := p.owed(text, r); d.State != engine.Accepted {
						t.Errorf("%s is %s: %q", text, d.State, d.Reason)
					}
					wait(7 * time.Second)
				}
				if strings.Contains(p.log.String(), "takes no events") {
					t.Errorf("the poison opened the breaker:\n%s", p.log)
				}
				wait(25 * time.Hour)
				if d := p.owed("poison", r); d.State != engine.GivenUp {
					t.Errorf("the poison is %s", d.State)
				}
			})
		})
	}
}

// TestOneEventDoesNotKeepARelayWaiting has two events go unanswered, so that the relay rests. One of them is never
// answered and always due before the rest is over: the other one is asked for all the same.
func TestOneEventDoesNotKeepARelayWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(t)
		p.rule.Retry.Initial, p.rule.Retry.Max = time.Millisecond, time.Millisecond
		r := p.relay("one.test", relaytest.Ignore("EVENT"))
		p.start()
		p.write("poison", "note")
		wait(5 * time.Minute)
		r.Behave(deaf("poison"))
		wait(2 * time.Minute)
		if d := p.owed("note", r); d.State != engine.Accepted {
			t.Errorf("the note is %s after %d attempts: %q", d.State, d.Attempts, d.Reason)
		}
	})
}

// TestWhatIsHeldBackForTooLongIsGivenUp has a relay bar the identity for longer than a note may be owed.
func TestWhatIsHeldBackForTooLongIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(t)
		p.rule.Retry.MaxElapsed = 30 * time.Minute
		r := p.relay("one.test", once(false, "blocked: not on the list"))
		p.start()
		p.write("first", "second")
		wait(24 * time.Hour)
		if d := p.owed("second", r); d.State != engine.GivenUp || d.Reason != "held back: blocked: not on the list" {
			t.Errorf("the second note is %s %q", d.State, d.Reason)
		}
		if n := heard(r, "second"); n != 0 {
			t.Errorf("it was sent %d times", n)
		}
	})
}

// TestARelayThatAcceptsNothing hangs up on every event, or takes connections and says nothing. It is probed with one event
// at a time, ever more rarely.
func TestARelayThatAcceptsNothing(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		behaves relaytest.Behaviour
		probes  func(*relaytest.Relay) int
	}{
		"hangs up":  {relaytest.KillOn("EVENT"), (*relaytest.Relay).Connections},
		"is silent": {relaytest.Ignore("EVENT"), func(r *relaytest.Relay) int { return len(r.Heard("EVENT")) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPost(t)
				r := p.relay("one.test", tt.behaves)
				p.start()
				for i := range 50 {
					p.write(fmt.Sprint("note ", i))
				}
				wait(2 * time.Hour)
				if n := tt.probes(r); n < 20 || n > 120 {
					t.Errorf("it was probed %d times in two hours", n)
				}
				r.Behave()
				wait(10 * time.Minute)
				if n := len(arrived(r)); n != 50 {
					t.Errorf("%d notes arrived when it took them again", n)
				}
			})
		})
	}
}

// TestWhatIsOwedIsSentSoonAfterAnOutage has a relay hang up or be away for some time, and measures how long the notes
// wait that are owed to it when it is back.
func TestWhatIsOwedIsSentSoonAfterAnOutage(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		behaves    relaytest.Behaviour
		away, most time.Duration
	}{
		// An event that was sent in vain keeps its own pause before the next try.
		"hangs up on events": {relaytest.KillOn("EVENT"), 8 * time.Minute, 5 * time.Minute},
		"hangs up at once":   {relaytest.Behaviour{Opened: func(c *relaytest.Conn) { c.Kill() }}, 8 * time.Minute, 30 * time.Second},
		"is away":            {relaytest.Refuse(http.StatusBadGateway), 8 * time.Minute, 30 * time.Second},
		"is away for hours":  {relaytest.Refuse(http.StatusBadGateway), 5 * time.Hour, 5*time.Minute + 5*time.Second},
		"hangs up for hours": {relaytest.Behaviour{Opened: func(c *relaytest.Conn) { c.Kill() }}, 5 * time.Hour, 5*time.Minute + 5*time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 10 {
				synctest.Test(t, func(t *testing.T) {
					p := newPost(t)
					r := p.relay("one.test", tt.behaves)
					p.start()
					for i := range 50 {
						p.write(fmt.Sprint("note ", i))
					}
					wait(tt.away)
					if n := r.Connections(); n > 90+int(tt.away.Hours())*45 {
						t.Errorf("%d connections in %s", n, tt.away)
					}
					r.Behave()
					wait(tt.most)
					// A few may have been on their way when the relay hung up: these keep their own pauses.
					if n := len(arrived(r)); n < 45 {
						t.Errorf("%d of 50 notes arrived %s after it was back", n, tt.most)
					}
					wait(5 * time.Minute)
					if n := len(arrived(r)); n != 50 {
						t.Errorf("%d of 50 notes arrived", n)
					}
				})
			}
		})
	}
}

func hangUp(text string) relaytest.Behaviour {
	return relaytest.Behaviour{Hears: func(c *relaytest.Conn, m relaytest.Message) bool {
		e, is := m.Event()
		if is && e.Content == text {
			c.Kill()
			return false
		}
		return true
	}}
}

// TestBurst delivers a burst as fast as the relay answers.
func TestBurst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(t)
		r := p.relay("one.test")
		p.start()
		for i := range 200 {
			p.write(fmt.Sprint(i))
		}
		wait(100 * time.Millisecond)
		if n := len(arrived(r)); n != 200 {
			t.Errorf("%d of 200 notes arrived at once", n)
		}
	})
}

// TestPace sends to a relay that takes ten events and then six a minute: every note arrives, in order, with few
// complaints.
func TestPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(t)
		tokens, last := 10.0, time.Now()
		complaints := 0
		r := p.relay("one.test", relaytest.Behaviour{Hears: func(c *relaytest.Conn, m relaytest.Message) bool {
			e, is := m.Event()
			if !is {
				return true
			}
			tokens, last = min(10, tokens+time.Since(last).Minutes()*6), time.Now()
			if tokens < 1 {
				complaints++
				c.Send(relaytest.Say("OK", e.ID, false, "rate-limited: slow down"))
				return false
			}
			tokens--
			return true
		}})
		p.start()
		var texts []string
		for i := range 100 {
			texts = append(texts, fmt.Sprint("note ", i))
		}
		p.write(texts...)
		wait(time.Minute)
		if n := len(arrived(r)); n < 10 {
			t.Errorf("%d notes arrived in the first minute", n)
		}
		wait(40 * time.Minute)
		if got := arrived(r); !slices.Equal(got, texts) {
			t.Errorf("%d of 100 notes arrived in order", len(got))
		}
		if complaints > 15 {
			t.Errorf("the relay complained %d times", complaints)
		}
		if n := strings.Count(p.log.String(), "relay wants fewer events"); n > 12 {
			t.Errorf("that is told %d times", n)
		}
	})
}

// TestQuorum counts a note as delivered when enough relays have it, and says when that cannot be any more.
func TestQuorum(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(t)
		p.rule.Quorum = 2
		p.relay("one.test")
		two := p.relay("two.test", about("lost", false, "invalid: no"))
		p.relay("three.test", about("lost", false, "invalid: no"))
		two.Stop()
		p.start()
		p.write("note")
		wait(time.Second)
		if log := p.log.String(); strings.Count(log, "msg=published") != 1 || strings.Count(log, "msg=delivered") != 1 ||
			!strings.Contains(log, "relays=2/3 quorum=2") {
			t.Errorf("with two of three relays:\n%s", log)
		}
		two.Start()
		wait(10 * time.Minute)
		if d := p.owed("note", two); d.State != engine.Accepted {
			t.Errorf("the third relay is not tried any more: %s", d.State)
		}
		p.write("lost")
		wait(time.Minute)
		if log := p.log.String(); strings.Count(log, "msg=delivered") != 1 || strings.Count(log, "not delivered") != 1 {
			t.Errorf("the log says:\n%s", log)
		}
	})
}
