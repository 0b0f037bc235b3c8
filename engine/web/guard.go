package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

type (
	dialFunc   = func(ctx context.Context, network, address string) (net.Conn, error)
	policyFunc = func(netip.Addr) string
)

// guard decides for each hop whether it may be made, and whether a proxy makes it.
type guard struct {
	userAgent       string
	forbidden       policyFunc
	proxy           func(*url.URL) (*url.URL, error)
	direct, proxied *http.Transport
	// away makes the hops that a redirect leads to another host, nil when they are like the others.
	away *guard
}

// RoundTrip makes one hop.
func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if from := origin(r); g.away != nil && r.URL.Host != "" && from.URL.Hostname() != r.URL.Hostname() {
		resp, err := g.away.RoundTrip(r)
		if errors.Is(err, ErrRefused) {
			err = fmt.Errorf("%w: %s redirects to %s, which is another host in a private network; "+
				"write that address itself into the configuration", ErrRefused, from.URL.Host, r.URL.Host)
		}
		return resp, err
	}
	transport, err := g.transport(r)
	if err != nil {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, err
	}
	r = r.Clone(r.Context())
	if g.userAgent != "" && r.Header.Get("User-Agent") == "" {
		r.Header.Set("User-Agent", g.userAgent)
	}
	return transport.RoundTrip(r)
}

// origin is the request whose redirects led to r.
func origin(r *http.Request) *http.Request {
	for r.Response != nil && r.Response.Request != nil {
		r = r.Response.Request
	}
	return r
}

// transport returns the way that the hop may take.
func (g *guard) transport(r *http.Request) (*http.Transport, error) {
	if r.URL.Scheme != "http" && r.URL.Scheme != "https" {
		return nil, fmt.Errorf("%w: %q is not a web address; only http and https are", ErrRefused, r.URL.Scheme+":")
	}
	proxy, err := g.proxy(r.URL)
	if err != nil {
		return nil, fmt.Errorf("the proxy settings of the environment: %w", err)
	}
	if proxy == nil {
		return g.direct, nil
	}
	if err := g.checkBehindProxy(r.Context(), r.URL.Hostname()); err != nil {
		return nil, err
	}
	return g.proxied, nil
}

// CloseIdleConnections lets http.Client.CloseIdleConnections work.
func (g *guard) CloseIdleConnections() {
	g.direct.CloseIdleConnections()
	g.proxied.CloseIdleConnections()
	if g.away != nil {
		g.away.CloseIdleConnections()
	}
}

// checkBehindProxy refuses what can be seen to be private from here. A name that does not resolve here may well do so
// for the proxy.
func (g *guard) checkBehindProxy(ctx context.Context, host string) error {
	if addr, err := netip.ParseAddr(host); err == nil {
		return g.check(host, addr)
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil
	}
	for _, addr := range addrs {
		if err := g.check(host, addr.Unmap()); err != nil {
			return err
		}
	}
	return nil
}

func (g *guard) check(host string, addr netip.Addr) error {
	if kind := g.forbidden(addr); kind != "" {
		return refuse(host, addr, kind)
	}
	return nil
}

const (
	lookupTimeout = 3 * time.Second
	dialTimeout   = 10 * time.Second
	idleTimeout   = 60 * time.Second
	maxHeader     = 64 << 10
)

// dialGuarded dials an address only if the policy allows what its name has resolved to.
func dialGuarded(forbidden policyFunc) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		dialer := net.Dialer{
			Timeout: dialTimeout,
			Control: func(_, resolved string, _ syscall.RawConn) error {
				to, err := netip.ParseAddrPort(resolved)
				if err != nil {
					return fmt.Errorf("%w: %s resolves to %q, which is no address", ErrRefused, host, resolved)
				}
				addr := to.Addr().Unmap()
				if kind := forbidden(addr); kind != "" {
					return refuse(host, addr, kind)
				}
				return nil
			},
		}
		return dialer.DialContext(ctx, network, address)
	}
}

func newTransport(dial dialFunc, proxy func(*http.Request) (*url.URL, error)) *http.Transport {
	return &http.Transport{
		DialContext:            dial,
		Proxy:                  proxy,
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    dialTimeout,
		ExpectContinueTimeout:  time.Second,
		IdleConnTimeout:        idleTimeout,
		MaxIdleConns:           32,
		MaxIdleConnsPerHost:    2,
		MaxResponseHeaderBytes: maxHeader,
	}
}
