package actions

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"rhea/engine"
)

const (
	maxHTTPTimeout = time.Minute
	maxHTTPSize    = 16 << 20
)

// HTTPConfig is the configuration of the action http.
type HTTPConfig struct {
	// URL is the address to call.
	URL engine.Text `yaml:"url"`
	// Method is by default GET, or POST when there is a body.
	Method string `yaml:"method"`
	// Headers are sent with the request.
	Headers map[string]engine.Text `yaml:"headers"`
	// Query is added to the address, escaped.
	Query map[string]engine.Text `yaml:"query"`
	// Body is sent as it is.
	Body engine.Text `yaml:"body"`
	// JSON is sent as JSON instead of a body.
	JSON engine.Value `yaml:"json"`
	// Timeout bounds the whole call, at most 1m.
	Timeout engine.Duration `yaml:"timeout"`
	// MaxSize is how many bytes of the answer are read; a longer answer is an error.
	MaxSize int64 `yaml:"max_size"`
	// Expect lists the statuses that are a success; without it those are 200 to 299.
	Expect []int `yaml:"expect"`
	// AllowPrivate lets the call reach private and local networks.
	AllowPrivate bool `yaml:"allow_private"`
}

type httpCall struct {
	HTTPConfig
	method string
}

var _ engine.Action = (*httpCall)(nil)

// httpKind is the action that calls a web address.
func httpKind() engine.ActionKind {
	return engine.NewActionKind("http", HTTPConfig{Timeout: engine.Duration(10 * time.Second), MaxSize: 1 << 20}, newHTTP).Silently()
}

func newHTTP(c HTTPConfig) (engine.Action, error) {
	var mistakes []error
	mistake := func(key, format string, args ...any) {
		mistakes = append(mistakes, engine.At(key, fmt.Errorf(format, args...)))
	}
	if c.URL.IsZero() {
		mistakes = append(mistakes, engine.Required("url"))
	} else if s, ok := literal(c.URL); ok && !isWebAddress(s) {
		mistake("url", "is not an http or https address")
	}
	if c.Timeout <= 0 || c.Timeout.Std() > maxHTTPTimeout {
		mistake("timeout", "%s is outside 0s..1m", c.Timeout)
	}
	if c.MaxSize < 1 || c.MaxSize > maxHTTPSize {
		mistake("max_size", "%d is outside 1..%d bytes", c.MaxSize, maxHTTPSize)
	}
	for i, status := range c.Expect {
		if status < 100 || status > 599 {
			mistake(fmt.Sprintf("expect.%d", i), "%d is not an HTTP status", status)
		}
	}
	if !c.Body.IsZero() && !c.JSON.IsZero() {
		mistake("json", "cannot stand beside body; choose one")
	}
	for name := range c.Headers {
		if !isHeaderName(name) {
			mistake("headers."+name, "is not a header name")
		}
	}
	method, hasBody := strings.ToUpper(c.Method), !c.Body.IsZero() || !c.JSON.IsZero()
	switch {
	case method == "" && hasBody:
		method = http.MethodPost
	case method == "":
		method = http.MethodGet
	case !slices.Contains([]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}, method):
		mistake("method", "%s is not an HTTP method", shown(c.Method))
	case (method == http.MethodGet || method == http.MethodHead) && hasBody:
		mistake("method", "%s sends no body; use POST or put the values into query", method)
	}
	return &httpCall{c, method}, errors.Join(mistakes...)
}

// changes reports whether the call may have an effect on the other side.
func (h *httpCall) changes() bool {
	return h.method != http.MethodGet && h.method != http.MethodHead
}

// tokenCharacters are those of RFC 9110, section 5.6.2.
const tokenCharacters = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

func isHeaderName(s string) bool {
	return s != "" && strings.Trim(s, tokenCharacters) == ""
}
