package relaytest

import (
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// OnConnection limits a behaviour to the n-th connection, counted from 1 since the relay was made.
func OnConnection(n int, b Behaviour) Behaviour {
	limited := Behaviour{}
	if b.Opened != nil {
		limited.Opened = func(c *Conn) {
			if c.Number == n {
				b.Opened(c)
			}
		}
	}
	if b.Hears != nil {
		limited.Hears = func(c *Conn, m Message) bool { return c.Number != n || b.Hears(c, m) }
	}
	if b.Says != nil {
		limited.Says = func(c *Conn, m Message) []Message {
			if c.Number != n {
				return []Message{m}
			}
			return b.Says(c, m)
		}
	}
	return limited
}

// Refuse answers the websocket handshake with an HTTP status.
func Refuse(status int) Behaviour {
	return Behaviour{Upgrade: func(w http.ResponseWriter, _ *http.Request) bool {
		http.Error(w, "no", status)
		return true
	}}
}

// Delay waits before each message under a label ("" for all).
func Delay(label string, d time.Duration) Behaviour {
	return Behaviour{Says: func(c *Conn, m Message) []Message {
		if label == "" || m.Label() == label {
			c.Wait(d)
		}
		return []Message{m}
	}}
}

// Drop loses every message of the relay under a label.
func Drop(label string) Behaviour { return Replace(label) }

// Repeat sends every message under a label twice.
func Repeat(label string) Behaviour {
	return onLabel(label, func(_ *Conn, m Message) []Message { return []Message{m, m} })
}

// Replace sends the given messages instead of each one under a label. {{ID}} stands for its second element.
func Replace(label string, with ...Message) Behaviour {
	return onLabel(label, func(_ *Conn, m Message) []Message {
		said := make([]Message, len(with))
		for i, w := range with {
			said[i] = Message(strings.ReplaceAll(string(w), "{{ID}}", m.ID()))
		}
		return said
	})
}

// Before sends messages before each message under a label, as Replace does.
func Before(label string, with ...Message) Behaviour {
	replace := Replace(label, with...)
	return onLabel(label, func(c *Conn, m Message) []Message { return append(replace.Says(c, m), m) })
}

// Greet sends messages as soon as a connection is open.
func Greet(messages ...Message) Behaviour {
	return Behaviour{Opened: func(c *Conn) {
		for _, m := range messages {
			c.Send(m)
		}
	}}
}

// NeverEOSE loses every EOSE.
func NeverEOSE() Behaviour { return Drop("EOSE") }

// Ignore ignores the messages of clients under a label.
func Ignore(label string) Behaviour { return Answer(label) }

// Answer does not pass on the clients' messages under a label, but answers each with the given ones. {{ID}} stands for
// the subscription or event id of the message.
func Answer(label string, with ...Message) Behaviour {
	return AnswerTimes(-1, label, with...)
}

// AnswerTimes is Answer for the first n messages only; below 0 means all.
func AnswerTimes(n int, label string, with ...Message) Behaviour {
	var count atomic.Int64
	return Behaviour{Hears: func(c *Conn, m Message) bool {
		if m.Label() != label || (n >= 0 && count.Add(1) > int64(n)) {
			return true
		}
		for _, w := range with {
			c.Send(Message(strings.ReplaceAll(string(w), "{{ID}}", m.ID())))
		}
		return false
	}}
}

// CloseOnce refuses the first n subscriptions with CLOSED and a reason.
func CloseOnce(n int, reason string) Behaviour {
	return AnswerTimes(n, "REQ", Say("CLOSED", "{{ID}}", reason))
}

// OK answers every published event with a verdict, without storing it.
func OK(ok bool, reason string) Behaviour { return Answer("EVENT", Say("OK", "{{ID}}", ok, reason)) }

// KillOn ends the connection when a client sends a message under a label.
func KillOn(label string) Behaviour {
	return Behaviour{Hears: func(c *Conn, m Message) bool {
		if m.Label() == label {
			c.Kill()
		}
		return m.Label() != label
	}}
}

// ForgeIDs sends every event under an id that is not the hash of its body.
func ForgeIDs() Behaviour {
	return onEvent(func(sub string, e nostr.Event) []Message {
		e.ID = reverse(e.ID)
		return []Message{Say("EVENT", sub, e)}
	})
}

// ForgeSignatures sends every event with an invalid signature.
func ForgeSignatures() Behaviour {
	return onEvent(func(sub string, e nostr.Event) []Message { return []Message{Say("EVENT", sub, Forged(e))} })
}

// ForgeFirst sends every event with a bad signature and then the honest copy.
func ForgeFirst() Behaviour {
	return onEvent(func(sub string, e nostr.Event) []Message {
		return []Message{Say("EVENT", sub, Forged(e)), Say("EVENT", sub, e)}
	})
}

// Slip sends the given events under every subscription before its EOSE, whether they match or not.
func Slip(events ...nostr.Event) Behaviour {
	return onLabel("EOSE", func(_ *Conn, m Message) []Message {
		var said []Message
		for _, e := range events {
			said = append(said, Say("EVENT", m.ID(), e))
		}
		return append(said, m)
	})
}

// Forged returns the event with a well-formed signature that does not verify.
func Forged(e nostr.Event) nostr.Event {
	e.Sig = reverse(e.Sig)
	return e
}

func reverse(s string) string {
	b := []byte(s)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

func onLabel(label string, say func(*Conn, Message) []Message) Behaviour {
	return Behaviour{Says: func(c *Conn, m Message) []Message {
		if m.Label() != label {
			return []Message{m}
		}
		return say(c, m)
	}}
}

func onEvent(say func(sub string, e nostr.Event) []Message) Behaviour {
	return onLabel("EVENT", func(_ *Conn, m Message) []Message {
		e, ok := m.Event()
		if !ok {
			return []Message{m}
		}
		return say(m.ID(), e)
	})
}
