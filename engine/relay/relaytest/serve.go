package relaytest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"rhea/engine/relay/local"
)

// New starts a relay on 127.0.0.1 with these behaviours.
func New(tb testing.TB, behaviours ...Behaviour) *Relay {
	tb.Helper()
	return With(tb, local.Options{}, behaviours...)
}

// With is New with options for the honest relay, such as AuthToRead.
func With(tb testing.TB, opts local.Options, behaviours ...Behaviour) *Relay {
	tb.Helper()
	var config net.ListenConfig
	first, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	address := first.Addr().String()
	return start(tb, opts, behaviours, address, func() (net.Listener, error) {
		if l := first; l != nil {
			first = nil
			return l, nil
		}
		return config.Listen(context.Background(), "tcp", address)
	})
}

func start(tb testing.TB, opts local.Options, b []Behaviour, address string, l func() (net.Listener, error)) *Relay {
	tb.Helper()
	r := &Relay{
		Local:      local.New(opts),
		tb:         tb,
		listen:     l,
		url:        "ws://" + address,
		behaviours: b,
		conns:      make(map[*Conn]bool),
		changed:    make(chan struct{}),
	}
	r.Local.SetURL(r.url)
	r.Start()
	tb.Cleanup(r.Stop)
	return r
}

// Start serves again after Stop.
func (r *Relay) Start() {
	r.tb.Helper()
	l, err := r.listen()
	if err != nil {
		r.tb.Fatal(err)
	}
	server := &http.Server{
		Handler: http.HandlerFunc(r.serve), ReadHeaderTimeout: time.Minute,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, wireKey{}, c) },
	}
	r.mu.Lock()
	r.server = server
	r.mu.Unlock()
	r.serving.Go(func() {
		if err := server.Serve(wires{l}); !errors.Is(err, http.ErrServerClosed) {
			r.tb.Error(err)
		}
	})
}

// Stop ends all connections and refuses new ones. Calling it again does nothing.
func (r *Relay) Stop() {
	r.mu.Lock()
	server := r.server
	r.server = nil
	r.mu.Unlock()
	if server == nil {
		return
	}
	if err := server.Close(); err != nil {
		r.tb.Error(err)
	}
	r.Kill()
	r.serving.Wait()
}

// Kill ends all connections without a closing handshake; new ones are accepted.
func (r *Relay) Kill() {
	for _, c := range r.open() {
		c.Kill()
	}
}

// Reset ends all connections with RST where they are TCP.
func (r *Relay) Reset() {
	for _, c := range r.open() {
		c.Reset()
	}
}

// Freeze makes all connections half-open.
func (r *Relay) Freeze() {
	for _, c := range r.open() {
		c.Freeze()
	}
}

// Send sends a message to all connections.
func (r *Relay) Send(m Message) {
	for _, c := range r.open() {
		c.Send(m)
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
