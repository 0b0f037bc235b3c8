package relaytest

import (
	"net/http"
	"sync/atomic"
)

// Behaviour changes what a relay does on its connections. A nil field changes nothing.
type Behaviour struct {
	// Upgrade may answer the HTTP request of a new connection itself and then returns true.
	Upgrade func(w http.ResponseWriter, r *http.Request) bool
	// Informs may answer a request for the relay's information itself (NIP-11) and then returns true.
	Informs func(w http.ResponseWriter) bool
	// Opened runs when a connection stands, before anything is said.
	Opened func(c *Conn)
	// Hears gets each message of the client. False keeps it from the honest relay.
	Hears func(c *Conn, m Message) bool
	// Says gets each message of the honest relay and returns what is sent in its place.
	Says func(c *Conn, m Message) []Message
}

// OnConnection limits a behaviour to the n-th connection, counted from 1 since the relay was made.
func OnConnection(n int, b Behaviour) Behaviour {
	return when(b, func(c *Conn) bool { return c.Number == n })
}

// UntilConnection limits a behaviour to the first n connections.
func UntilConnection(n int, b Behaviour) Behaviour {
	return when(b, func(c *Conn) bool { return c.Number <= n })
}

// While limits a behaviour to the time during which on is true.
func While(on *atomic.Bool, b Behaviour) Behaviour {
	limited := when(b, func(*Conn) bool { return on.Load() })
	if b.Upgrade != nil {
		limited.Upgrade = func(w http.ResponseWriter, r *http.Request) bool { return on.Load() && b.Upgrade(w, r) }
	}
	return limited
}

func when(b Behaviour, holds func(*Conn) bool) Behaviour {
	limited := Behaviour{}
	if b.Opened != nil {
		limited.Opened = func(c *Conn) {
			if holds(c) {
				b.Opened(c)
			}
		}
	}
	if b.Hears != nil {
		limited.Hears = func(c *Conn, m Message) bool { return !holds(c) || b.Hears(c, m) }
	}
	if b.Says != nil {
		limited.Says = func(c *Conn, m Message) []Message {
			if !holds(c) {
				return []Message{m}
			}
			return b.Says(c, m)
		}
	}
	return limited
}
