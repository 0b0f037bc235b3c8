package relay

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"

	"rhea/engine"
)

var (
	_ engine.Source    = (*Network)(nil)
	_ engine.Publisher = (*Network)(nil)
)

var errClosed = errors.New("the relay network is closed")

// Positions keeps how far each query has read on each relay. An engine.Ledger does.
type Positions interface {
	Position(ctx context.Context, stream string) (string, error)
	Advance(ctx context.Context, p engine.Position) error
}

// Options is what a network needs from its surroundings.
type Options struct {
	// Positions is required by Subscribe.
	Positions Positions
	// Signer returns the signer of an identity, nil when there is none. It answers relays that ask for
	// authentication (NIP-42).
	Signer func(pubkey string) engine.Signer
	// Pubkey is the identity that Fetch authenticates as; "" never does.
	Pubkey string
	// Log gets one line per change of a relay's state; nil is silent.
	Log *slog.Logger
	// Guard, if set, may refuse the address that a relay's name leads to, before anything is sent there. It is not asked
	// about the address of a proxy.
	Guard func(relay string, to netip.Addr) error
	// DialContext replaces the way to the network, including the guard and a proxy named in the environment.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
}

// Network holds the sessions with all relays. All methods are safe for concurrent use.
type Network struct {
	opts   Options
	recent *recent
	outage *outage
	ctx    context.Context
	cancel context.CancelFunc

	mu       sync.Mutex
	sessions map[sessionKey]*session
	running  sync.WaitGroup
	closed   bool
}

// New returns a network without connections; they are made when something needs them. Close ends them.
func New(opts Options) *Network {
	if opts.Signer == nil {
		opts.Signer = func(string) engine.Signer { return nil }
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	n := &Network{
		opts:     opts,
		recent:   newRecent(),
		outage:   newOutage(),
		sessions: make(map[sessionKey]*session),
	}
	n.ctx, n.cancel = context.WithCancel(context.Background())
	return n
}

// Close ends all sessions and waits for them. Subscribe returns, Publish and Fetch fail.
func (n *Network) Close() error {
	n.mu.Lock()
	n.closed = true
	for _, s := range n.sessions {
		if s.retire != nil {
			s.retire.Stop()
		}
	}
	n.mu.Unlock()
	n.cancel()
	n.running.Wait()
	return nil
}

// enter counts a call that Close must wait for.
func (n *Network) enter() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return errClosed
	}
	n.running.Add(1)
	return nil
}

// within returns a context that ends with the caller's and with the network.
func (n *Network) within(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(n.ctx, func() { cancel(errClosed) })
	return ctx, func() { stop(); cancel(nil) }
}
