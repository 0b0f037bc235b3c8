package delivery

import (
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"rhea/engine"
)

// maxRefusals is how many attempts an event gets at a relay that refuses it for no reason that tells when to try again.
const maxRefusals = 10

// relayState is what is known of one relay: whether it answers, how fast it takes events, and from whom.
type relayState struct {
	log *slog.Logger

	mu          sync.Mutex
	breaker     breaker
	pace        pace
	suspensions map[string]*suspension
	used        time.Time
	// sent counts the events that were sent to it.
	sent int
	// watched is the end of the last rest in which somebody waits for a connection with it.
	watched time.Time
}

// turn is the leave to send one event.
type turn struct {
	// number counts the turns at a relay. What a relay says counts once for all that was under way: an answer to a turn up
	// to the last one before a rest, a pace or a suspension began makes none of them longer.
	number int
	// alone says that no other event may follow before the answer.
	alone bool
}

// enter asks whether an event of an identity may be sent now, and notes that it is. Otherwise it returns the
// settlement of a try that does not count, with a rest when it is only a matter of the relay's pace.
func (l *relayState) enter(pubkey string, now time.Time) (t turn, wait engine.Settlement, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.used = now
	h := l.suspensions[pubkey]
	if h != nil && now.Before(h.until) {
		return turn{}, engine.Settlement{State: engine.Pending, Next: h.until, Reason: h.reason}, false
	}
	if ready := l.pace.ready(now); now.Before(ready) {
		return turn{}, engine.Settlement{State: engine.Pending, Rest: ready}, false
	}
	l.pace.send(now)
	l.sent++
	alone := l.pace.every > 0 || l.breaker.failures > 0 || h != nil && h.blocks+h.limits > 0
	return turn{l.sent, alone}, engine.Settlement{}, true
}

// away says why the relay gave no answer last time, "" when it did.
func (l *relayState) away() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.breaker.reason
}

// watch reports whether somebody must wait for a connection with the relay in a rest: what was under way to it together
// has one rest.
func (l *relayState) watch(until time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.breaker.reason == "" || !until.After(l.watched) {
		return false
	}
	l.watched = until
	return true
}

// settle turns an answer into what becomes of the delivery, remembers what it says about the relay, and logs it when
// the relay's state has changed.
func (l *relayState) settle(d engine.Delivery, v answer, t turn, now time.Time) engine.Settlement {
	l.mu.Lock()
	defer l.mu.Unlock()
	if v.meaning == unreachable {
		rest := l.rest(t, now, v.reason)
		return engine.Settlement{State: engine.Pending, Rest: rest, Reason: v.reason}
	}
	if v.meaning == unanswered {
		return l.silence(d, v, t, now)
	}
	if v.meaning == gone {
		return engine.Settlement{State: engine.Pending, Next: now} // The ledger knows better.
	}
	if v.meaning == undecided || v.meaning == unknown {
		return engine.Settlement{State: engine.Pending, Next: now.Add(time.Second/2 + rand.N(time.Second)), Reason: d.Reason}
	}
	if l.breaker.answered() {
		l.log.Info("relay takes events again")
	}
	h := l.suspension(d.Event.PubKey)
	begun := t.number <= h.after
	switch v.meaning {
	case accepted:
		if !begun && h.accept() {
			l.log.Info("relay takes events of this identity again", "pubkey", d.Event.PubKey)
		}
		return engine.Settlement{State: engine.Accepted}
	case demanding:
		return engine.Settlement{State: engine.Pending, Next: now, Reason: v.reason}
	case blockedIdentity:
		if begun {
			// The one that began the suspension stands for all.
			return engine.Settlement{State: engine.Pending, Next: h.until, Reason: h.reason}
		}
		if h.block(now, v.reason) {
			h.after = l.sent
			l.tell(h, "relay takes no events of this identity", d, v)
		}
		if engine.Address(&d.Event) != "" {
			// What an identity says of itself is as true tomorrow: it waits as notes do that are held back.
			return engine.Settlement{State: engine.Retrying, Next: later(h.until, now.Add(firstBlock)), Reason: v.reason}
		}
		return engine.Settlement{State: engine.Rejected, Reason: v.reason}
	case limited:
		if t.number > l.pace.after {
			l.pace.slow(now)
			l.pace.after = l.sent
		}
		if !begun {
			h.limit(now, max(v.after, backoff(d.Retry, d.Attempts)), v.reason)
			h.after = l.sent
			l.tell(h, "relay wants fewer events", d, v)
		}
		return engine.Settlement{State: engine.Retrying, Next: h.until, Reason: v.reason}
	case refused:
		if d.Attempts+1 >= maxRefusals {
			return engine.Settlement{State: engine.GivenUp, Reason: v.reason}
		}
		return engine.Settlement{State: engine.Retrying, Next: now.Add(backoff(d.Retry, d.Attempts)), Reason: v.reason}
	default:
		return engine.Settlement{State: engine.Rejected, Reason: v.reason}
	}
}

// later is the later of two times.
func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// silence handles an event that was sent without an answer.
func (l *relayState) silence(d engine.Delivery, v answer, t turn, now time.Time) engine.Settlement {
	s := engine.Settlement{State: engine.Retrying, Next: now.Add(backoff(d.Retry, d.Attempts)), Reason: v.reason}
	if l.breaker.silent(d.Event.ID, d.Attempts == 0) {
		s.Rest = l.rest(t, now, v.reason)
		// Another event is the next probe, so that this one cannot keep the breaker open.
		if after := s.Rest.Add(time.Second); s.Next.Before(after) {
			s.Next = after
		}
	}
	return s
}

// rest returns until when a relay rests that gave no answer.
func (l *relayState) rest(t turn, now time.Time, reason string) time.Time {
	if l.breaker.failures == 0 || t.number > l.breaker.after {
		if l.breaker.open(now, reason) {
			l.log.Warn("relay takes no events, they wait", "reason", reason)
		}
		l.breaker.after = l.sent
	}
	return l.breaker.until
}

func (l *relayState) suspension(pubkey string) *suspension {
	h := l.suspensions[pubkey]
	if h == nil {
		h = &suspension{}
		l.suspensions[pubkey] = h
	}
	return h
}

// tell logs a suspension once, until the relay takes an event again.
func (l *relayState) tell(h *suspension, message string, d engine.Delivery, v answer) {
	if !h.told {
		h.told = true
		l.log.Warn(message, "pubkey", d.Event.PubKey, "reason", v.reason, "until", h.until.Format(time.RFC3339))
	}
}

// idle reports whether forgetting it forgets nothing.
func (l *relayState) idle(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.breaker.failures > 0 || l.pace.every > 0 || now.Sub(l.used) < time.Hour {
		return false
	}
	for _, h := range l.suspensions {
		if h.blocks > 0 || h.limits > 0 {
			return false
		}
	}
	return true
}

// forgive forgets why nothing may be sent now. What the relay says next counts again.
func (l *relayState) forgive() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, h := range l.suspensions {
		h.until = time.Time{}
	}
	l.pace = pace{}
}

// backoff doubles with every attempt up to the limit; half of it is chance, so that retries do not come in step.
func backoff(r engine.Retry, attempts int) time.Duration {
	return engine.Spread(engine.Doubled(max(r.Initial, time.Millisecond), attempts, max(r.Max, r.Initial, time.Second)))
}
