package relaytest

import "net/http"

// Behaviour changes what a relay does on its connections. A nil field changes nothing.
type Behaviour struct {
	// Upgrade may answer the HTTP request of a new connection itself and then returns true.
	Upgrade func(w http.ResponseWriter, r *http.Request) bool
	// Informs may answer a request for the relay's information itself (NIP-11) and then returns true.
	Informs func(w http.ResponseWriter) bool
	// Opened is called when a connection is open, before anything is sent.
	Opened func(c *Conn)
	// Hears is called with each message of the client. With false the honest relay does not get it.
	Hears func(c *Conn, m Message) bool
	// Says is called with each message of the honest relay and returns what is sent instead.
	Says func(c *Conn, m Message) []Message
}

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
