package relaytest

import (
	"context"
	"time"

	"github.com/coder/websocket"
)

// Send sends a message to the client, bypassing the behaviours.
func (c *Conn) Send(m Message) {
	if c.frozen.Load() {
		return
	}
	ctx, cancel := context.WithTimeout(c.ctx, 30*time.Second)
	defer cancel()
	c.write.Lock()
	defer c.write.Unlock()
	if err := c.ws.Write(ctx, websocket.MessageText, []byte(m)); err != nil {
		c.cancel()
	}
}

// SendBinary sends a binary message, which NIP-01 does not define.
func (c *Conn) SendBinary(b []byte) {
	c.write.Lock()
	defer c.write.Unlock()
	if err := c.ws.Write(c.ctx, websocket.MessageBinary, b); err != nil {
		c.cancel()
	}
}

// Kill ends the connection without a closing handshake.
func (c *Conn) Kill() { c.cancel() }

// Reset ends the connection with RST where it is TCP.
func (c *Conn) Reset() {
	c.wire.reset()
	c.cancel()
}

// Receive passes a message to the honest relay as if the client had sent it. Only Hears may call it.
func (c *Conn) Receive(m Message) { c.client.Receive(c.ctx, []byte(m)) }

// Freeze makes the connection half-open: it stays up, but nothing is read, sent or answered any more.
func (c *Conn) Freeze() { c.frozen.Store(true) }

// Wait delays this direction of the connection by d, or until the connection ends.
func (c *Conn) Wait(d time.Duration) {
	select {
	case <-time.After(d):
	case <-c.ctx.Done():
	}
}
