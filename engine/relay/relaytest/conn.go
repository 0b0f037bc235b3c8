package relaytest

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"rhea/engine/relay/local"
)

// Conn is one connection of a client, as behaviours see it.
type Conn struct {
	// Number counts the connections of a relay from 1.
	Number int

	relay  *Relay
	began  time.Time
	wire   *wire
	ws     *websocket.Conn
	client *local.Client
	ctx    context.Context
	cancel context.CancelFunc
	frozen atomic.Bool
	write  sync.Mutex
}

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

// wireKey is the key of the wire in the context of a request.
type wireKey struct{}

// serve serves a connection until either side ends it.
func (r *Relay) serve(w http.ResponseWriter, req *http.Request) {
	if !strings.EqualFold(req.Header.Get("Upgrade"), "websocket") {
		if !slices.ContainsFunc(r.current(), func(b Behaviour) bool { return b.Informs != nil && b.Informs(w) }) {
			r.Local.Inform(w)
		}
		return
	}
	for _, b := range r.current() {
		if b.Upgrade != nil && b.Upgrade(w, req) {
			return
		}
	}
	below, _ := req.Context().Value(wireKey{}).(*wire)
	c := &Conn{relay: r, began: time.Now(), wire: below}
	ws, err := websocket.Accept(w, req, &websocket.AcceptOptions{
		OnPingReceived: func(context.Context, []byte) (pong bool) { return !c.frozen.Load() },
	})
	if err != nil {
		return // Accept has answered.
	}
	ws.SetReadLimit(4 << 20)
	c.ws, c.client = ws, r.Local.Connect()
	c.ctx, c.cancel = context.WithCancel(context.Background())
	if !r.opened(c) {
		c.cancel()
	}
	stop := context.AfterFunc(c.ctx, func() { _ = ws.CloseNow() }) // The connection ends in any case.
	defer stop()
	for _, b := range r.current() {
		if b.Opened != nil {
			b.Opened(c)
		}
	}
	var talking sync.WaitGroup
	talking.Go(c.say)
	c.hear()
	c.cancel()
	c.client.Close()
	talking.Wait()
	r.closed(c)
}

func (c *Conn) hear() {
	for {
		_, b, err := c.ws.Read(context.Background())
		if err != nil {
			return
		}
		if c.frozen.Load() {
			<-c.ctx.Done()
			return
		}
		m := Message(b)
		c.relay.record(m)
		pass := true
		for _, behaviour := range c.relay.current() {
			if pass && behaviour.Hears != nil {
				pass = behaviour.Hears(c, m)
			}
		}
		if pass {
			c.client.Receive(c.ctx, b)
		}
	}
}

func (c *Conn) say() {
	defer c.cancel()
	for {
		select {
		case b := <-c.client.Frames():
			messages := []Message{Message(b)}
			for _, behaviour := range c.relay.current() {
				if behaviour.Says == nil {
					continue
				}
				var next []Message
				for _, m := range messages {
					next = append(next, behaviour.Says(c, m)...)
				}
				messages = next
			}
			for _, m := range messages {
				c.Send(m)
			}
		case <-c.client.Done():
			return
		case <-c.ctx.Done():
			return
		}
	}
}
