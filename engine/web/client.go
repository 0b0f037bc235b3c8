package web

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// Options shape a client.
type Options struct {
	// AllowPrivate lets the client reach private and local networks. A redirect to another host there is refused.
	AllowPrivate bool
	// Timeout bounds one request with its redirects and its body; 0 means 30 s.
	Timeout time.Duration
	// UserAgent is sent unless the request has its own.
	UserAgent string
	// MaxRedirects is how many redirects are followed; 0 means 5, negative none.
	MaxRedirects int
}

const (
	defaultTimeout      = 30 * time.Second
	defaultMaxRedirects = 5
)

// Client returns a client for strangers' addresses. It keeps connections, so make one and share it. The proxy
// settings are those of the environment now.
func Client(o Options) *http.Client {
	if !o.AllowPrivate {
		return newClient(o, why)
	}
	c := newClient(o, func(netip.Addr) string { return "" })
	c.Transport.(*guard).away = newGuard(o, why)
	return c
}

func newClient(o Options, forbidden func(netip.Addr) string) *http.Client {
	return &http.Client{
		Timeout:       cmp.Or(o.Timeout, defaultTimeout),
		CheckRedirect: redirects{cmp.Or(o.MaxRedirects, defaultMaxRedirects)}.check,
		Transport:     newGuard(o, forbidden),
	}
}

func newGuard(o Options, forbidden func(netip.Addr) string) *guard {
	proxy := httpproxy.FromEnvironment().ProxyFunc()
	return &guard{
		userAgent: o.UserAgent,
		forbidden: forbidden,
		proxy:     proxy,
		direct:    newTransport(dialGuarded(forbidden), nil),
		proxied:   newTransport(nil, func(r *http.Request) (*url.URL, error) { return proxy(r.URL) }),
	}
}

// UserAgent names this program to servers, and whom they can turn to about it.
func UserAgent(version, contact string) string {
	if contact == "" {
		return "rhea/" + version + " (Nostr bot)"
	}
	return "rhea/" + version + " (Nostr bot; +" + contact + ")"
}

// ErrTooLarge is the error for an answer with a longer body than allowed.
var ErrTooLarge = errors.New("the answer is too large")

// Read reads the body of resp, at most so many bytes of it after decompression, and closes it. A longer body is an
// [ErrTooLarge].
func Read(resp *http.Response, most int64) ([]byte, error) {
	defer func() { _ = resp.Body.Close() }()
	if resp.ContentLength > most {
		return nil, tooLarge(resp, most)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	if err != nil {
		return nil, fmt.Errorf("reading the answer of %s: %w", host(resp), err)
	}
	if int64(len(body)) > most {
		return nil, tooLarge(resp, most)
	}
	return body, nil
}

func tooLarge(resp *http.Response, most int64) error {
	return fmt.Errorf("%w: %s sends more than %d KiB", ErrTooLarge, host(resp), most>>10)
}

func host(resp *http.Response) string {
	if resp.Request == nil || resp.Request.URL == nil {
		return "the server"
	}
	return resp.Request.URL.Host
}
