package relaytest

import (
	"context"
	"fmt"
	"net"
	"sync"
	"testing"

	"rhea/engine/relay/local"
)

// Network is a network inside the process, for tests in a synctest bubble: only there does a connection without a
// socket let the clock move.
type Network struct {
	mu        sync.Mutex
	listeners map[string]*pipeListener
}

// NewNetwork returns a network without relays.
func NewNetwork() *Network { return &Network{listeners: make(map[string]*pipeListener)} }

// New starts a relay on this network, called name.
func (n *Network) New(tb testing.TB, name string, opts local.Options, behaviours ...Behaviour) *Relay {
	tb.Helper()
	return start(tb, opts, behaviours, name, func() (net.Listener, error) {
		l := &pipeListener{network: n, name: name, conns: make(chan net.Conn), done: make(chan struct{})}
		n.mu.Lock()
		defer n.mu.Unlock()
		n.listeners[name+":80"] = l
		return l, nil
	})
}

// DialContext connects to a relay of this network.
func (n *Network) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	n.mu.Lock()
	l := n.listeners[address]
	n.mu.Unlock()
	if l == nil {
		return nil, fmt.Errorf("dial %s: connection refused", address)
	}
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-l.done:
		return nil, fmt.Errorf("dial %s: connection refused", address)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type pipeListener struct {
	network *Network
	name    string
	conns   chan net.Conn
	done    chan struct{}
	once    sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() {
		close(l.done)
		l.network.mu.Lock()
		defer l.network.mu.Unlock()
		delete(l.network.listeners, l.name+":80")
	})
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr(l.name) }

type pipeAddr string

func (pipeAddr) Network() string  { return "pipe" }
func (a pipeAddr) String() string { return string(a) }
