package relaytest

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/nbd-wtf/go-nostr"
)

// LimitSubscriptions answers a REQ with the given messages when n subscriptions of its connection are open. {{ID}}
// stands for the id of the subscription.
func LimitSubscriptions(n int, with ...Message) Behaviour {
	refuse := Answer("REQ", with...)
	open := newByConn[map[string]bool]()
	return Behaviour{Hears: func(c *Conn, m Message) bool {
		pass := true
		open.with(c, func(ids map[string]bool) map[string]bool {
			if ids == nil {
				ids = make(map[string]bool)
			}
			switch m.Label() {
			case "CLOSE":
				delete(ids, m.ID())
			case "REQ":
				if pass = ids[m.ID()] || len(ids) < n; pass {
					ids[m.ID()] = true
				}
			}
			return ids
		})
		return pass || refuse.Hears(c, m)
	}}
}

// RefuseFilters answers a REQ with CLOSED and a reason when one of its filters is bad.
func RefuseFilters(reason string, bad func(nostr.Filter) bool) Behaviour {
	refuse := Answer("REQ", Say("CLOSED", "{{ID}}", reason))
	return Behaviour{Hears: func(c *Conn, m Message) bool {
		return !slices.ContainsFunc(m.Filters(), bad) || refuse.Hears(c, m)
	}}
}

// Forget loses the live events of every subscription while on is true, as if the relay had forgotten it after its first
// answer.
func Forget(on *atomic.Bool) Behaviour {
	answered := newByConn[map[string]bool]()
	return Behaviour{Says: func(c *Conn, m Message) []Message {
		lost := false
		answered.with(c, func(ids map[string]bool) map[string]bool {
			if ids == nil {
				ids = make(map[string]bool)
			}
			lost = on.Load() && m.Label() == "EVENT" && ids[m.ID()]
			if m.Label() == "EOSE" {
				ids[m.ID()] = true
			}
			return ids
		})
		if lost {
			return nil
		}
		return []Message{m}
	}}
}

// IgnoreLimits answers filters with a limit as if they had none.
func IgnoreLimits() Behaviour {
	return Behaviour{Hears: func(c *Conn, m Message) bool {
		filters := m.Filters()
		if len(filters) == 0 {
			return true
		}
		parts := []any{"REQ", m.ID()}
		for _, f := range filters {
			f.Limit, f.LimitZero = 0, false
			parts = append(parts, f)
		}
		c.Receive(Say(parts...))
		return false
	}}
}

// After sends messages after each message under a label, as Replace does.
func After(label string, with ...Message) Behaviour {
	replace := Replace(label, with...)
	return onLabel(label, func(c *Conn, m Message) []Message { return append([]Message{m}, replace.Says(c, m)...) })
}

// Reorder sends the messages under a label in pairs, the second one first.
func Reorder(label string) Behaviour {
	held := newByConn[[]Message]()
	return Behaviour{Says: func(c *Conn, m Message) []Message {
		var said []Message
		held.with(c, func(back []Message) []Message {
			if m.Label() == label && len(back) == 0 {
				return []Message{m}
			}
			said = append([]Message{m}, back...)
			if m.Label() != label {
				said = append(back, m)
			}
			return nil
		})
		return said
	}}
}

// TrueWithoutKeeping answers every event with OK and stores none.
func TrueWithoutKeeping() Behaviour { return OK(true, "") }

// byConn holds a value for each connection.
type byConn[T any] struct {
	mu sync.Mutex
	of map[*Conn]T
}

func newByConn[T any]() *byConn[T] { return &byConn[T]{of: make(map[*Conn]T)} }

func (b *byConn[T]) with(c *Conn, change func(T) T) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.of[c] = change(b.of[c])
}
