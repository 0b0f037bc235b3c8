package relay

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
)

// reach makes the HTTP client for the handshake with one relay and for its policy.
func (o *Options) reach(relay string) *http.Client {
	transport := &http.Transport{
		TLSHandshakeTimeout: connectDeadline,
		DisableKeepAlives:   true,
		// A handshake needs no more.
		MaxResponseHeaderBytes: 64 << 10,
	}
	dial := o.DialContext
	if dial == nil {
		dialer := &net.Dialer{Timeout: connectDeadline}
		transport.Proxy = http.ProxyFromEnvironment
		if o.Guard != nil && !isProxied(relay) {
			dialer.Control = o.control(relay)
		}
		dial = dialer.DialContext
	}
	transport.DialContext = withReadAhead(dial)
	return &http.Client{
		Transport: transport,
		// A redirect may lead anywhere, also into the local network.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// control passes the address to the guard right before it is dialled: a name may resolve to another address each time.
func (o *Options) control(relay string) func(network, address string, _ syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("the name leads to %q, which is no address: %w", address, err)
		}
		return o.Guard(relay, to.Addr().Unmap())
	}
}

// isProxied reports whether a proxy from the environment dials for us. Then the proxy resolves the name.
func isProxied(relay string) bool {
	to, err := url.Parse("http" + strings.TrimPrefix(relay, "ws"))
	if err != nil {
		return false
	}
	proxy, err := http.ProxyFromEnvironment(&http.Request{URL: to})
	return err != nil || proxy != nil
}

// readAhead is how much is read from a socket at a time. The buffer of the websocket holds only a few frames.
const readAhead = 32 << 10

// readAheadConn reads from its socket in larger pieces than it is asked for.
type readAheadConn struct {
	net.Conn
	r *bufio.Reader
}

func (c *readAheadConn) Read(b []byte) (int, error) { return c.r.Read(b) }

type dialContext = func(ctx context.Context, network, address string) (net.Conn, error)

// withReadAhead makes the connections of a dialer read ahead.
func withReadAhead(dial dialContext) dialContext {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &readAheadConn{c, bufio.NewReaderSize(c, readAhead)}, nil
	}
}
