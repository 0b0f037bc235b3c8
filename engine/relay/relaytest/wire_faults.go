package relaytest

import (
	"strings"
	"time"
)

// SlowRead reads only so many bytes at a time from clients.
func SlowRead(bytes int, every time.Duration) Behaviour {
	return Behaviour{Opened: func(c *Conn) {
		c.wire.mu.Lock()
		defer c.wire.mu.Unlock()
		c.wire.read = pace{bytes, every}
	}}
}

// SlowWrite sends only so many bytes at a time.
func SlowWrite(bytes int, every time.Duration) Behaviour {
	return Behaviour{Opened: func(c *Conn) {
		c.wire.mu.Lock()
		defer c.wire.mu.Unlock()
		c.wire.write = pace{bytes, every}
	}}
}

// ResetOn resets the connection when a client sends a message under a label.
func ResetOn(label string) Behaviour {
	return Behaviour{Hears: func(c *Conn, m Message) bool {
		if m.Label() == label {
			c.Reset()
		}
		return m.Label() != label
	}}
}

// FreezeOn makes the connection half-open when a client sends a message under a label.
func FreezeOn(label string) Behaviour {
	return Behaviour{Hears: func(c *Conn, m Message) bool {
		if m.Label() == label {
			c.Freeze()
		}
		return m.Label() != label
	}}
}

// LoseFirst loses the messages of clients within d after the connection was opened.
func LoseFirst(d time.Duration) Behaviour {
	return Behaviour{Hears: func(c *Conn, _ Message) bool { return time.Since(c.began) >= d }}
}

// Oversized sends a message of so many bytes when a connection opens, and again before each EOSE.
func Oversized(bytes int) Behaviour {
	huge := Message(`["NOTICE","` + strings.Repeat("x", bytes) + `"]`)
	return both(Greet(huge), Before("EOSE", huge))
}

// Binary sends binary messages, which NIP-01 does not define.
func Binary() Behaviour {
	return Behaviour{Opened: func(c *Conn) {
		c.SendBinary([]byte(`["NOTICE","binary"]`))
		c.SendBinary([]byte{0xff, 0xfe})
	}}
}

// Deep sends messages with deeply nested values.
func Deep(levels int) Behaviour {
	nest := strings.Repeat("[", levels)
	return both(Greet(Message(nest)), Before("EOSE", Message(`["NOTICE",`+nest+strings.Repeat("]", levels)+`]`)))
}

// Malformed sends invalid JSON between the other messages.
func Malformed() Behaviour {
	return both(Greet(``, `[`, `{}`, "\xff"), Before("EOSE", `["EVENT"`, `["EVENT","{{ID}}",{"id":"`, `nul`))
}

// both combines what one behaviour does on opening with what another one says.
func both(opening, saying Behaviour) Behaviour {
	return Behaviour{Opened: opening.Opened, Says: saying.Says}
}
