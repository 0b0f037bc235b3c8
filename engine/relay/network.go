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

// Positions stores how far each query has read on each relay. An engine.Ledger implements it.
type Positions interface {
	Position(ctx context.Context, stream string) (string, error)
	Advance(ctx context.Context, p engine.Position) error
}

// Options configure a network.
type Options struct {
	// Positions is required by Subscribe.
	Positions Positions
	// Signer returns the signer of an identity, nil when there is none. It signs authentications (NIP-42).
	Signer func(pubkey string) engine.Signer
	// Pubkey is the identity that Fetch authenticates as; with "" it does not authenticate.
	Pubkey string
	// Log gets one line per change of the state of a relay; nil is silent.
	Log *slog.Logger
	// Guard, if set, may refuse the address that the name of a relay resolves to, before anything is sent there. It is
	// not asked about the address of a proxy.
	Guard func(relay string, to netip.Addr) error
	// DialContext replaces dialling, including the guard and a proxy from the environment.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
}

// Network holds the sessions with all relays. All methods are safe for concurrent use.
type Network struct {
	opts   Options
	recent *recent
	outage *outage
	keeper *keeper
	ctx    context.Context
	cancel context.CancelFunc

	mu       sync.Mutex
	sessions map[sessionKey]*session
	standing map[*standing]bool
	running  sync.WaitGroup
	keeping  sync.Once
	closed   bool
}

// New returns a network without connections; they are made when they are needed. Close ends them.
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
		keeper:   &keeper{positions: opts.Positions, log: opts.Log, subscribers: make(map[*subscriber]bool)},
		sessions: make(map[sessionKey]*session),
		standing: make(map[*standing]bool),
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
	for s := range n.standing {
		go s.end()
	}
	n.mu.Unlock()
	n.cancel()
	n.running.Wait()
	return nil
}

// enter registers a call that Close must wait for.
func (n *Network) enter() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return errClosed
	}
	n.running.Add(1)
	return nil
}

// within returns a context that ends with that of the caller and with the network.
func (n *Network) within(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(n.ctx, func() { cancel(errClosed) })
	return ctx, func() { stop(); cancel(nil) }
}
