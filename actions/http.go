package actions

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"rhea/engine"
	"rhea/engine/web"
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
	return engine.NewActionKind("http", HTTPConfig{Timeout: engine.Duration(10 * time.Second), MaxSize: 1 << 20}, newHTTP)
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

// Act makes the call. Its output is {status, headers, body, text}.
func (h *httpCall) Act(ctx context.Context, run engine.Run) (engine.Result, error) {
	limited, cancel := context.WithTimeout(ctx, h.Timeout.Std())
	defer cancel()
	req, err := h.request(limited, run)
	if err != nil {
		return engine.Result{}, err
	}
	if run.DryRun && h.changes() {
		run.Log.Info("request not sent in a dry run", slog.String("method", h.method), slog.String("host", req.URL.Host))
		return engine.Result{Output: map[string]any{
			"status": 0, "headers": map[string]any{}, "body": nil, "text": "", "dry_run": true,
		}}, nil
	}
	resp, err := run.HTTP(h.AllowPrivate).Do(req)
	if err != nil {
		return engine.Result{}, h.failed(ctx, req, err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := web.Read(resp, h.MaxSize)
	if err != nil {
		return engine.Result{}, h.failed(ctx, req, err)
	}
	if !h.expects(resp.StatusCode) {
		err := fmt.Errorf("%s answered %d %s", req.URL.Host, resp.StatusCode, http.StatusText(resp.StatusCode))
		if isPassing(resp.StatusCode) {
			err = engine.Temporary(err)
		}
		return engine.Result{}, err
	}
	return engine.Result{Output: answer(resp, raw)}, nil
}

// queryForm is where an address in an error may hold a secret.
var queryForm = regexp.MustCompile(`\?[^\s"]+`)

// changes reports whether the call may have an effect on the other side.
func (h *httpCall) changes() bool {
	return h.method != http.MethodGet && h.method != http.MethodHead
}

func (h *httpCall) expects(status int) bool {
	if len(h.Expect) > 0 {
		return slices.Contains(h.Expect, status)
	}
	return 200 <= status && status < 300
}

func isPassing(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status >= 500
}

// failed describes a call that got no answer. The address may hold a secret in its path or query, so only the host
// is named.
func (h *httpCall) failed(ctx context.Context, req *http.Request, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("no answer within %s", h.Timeout)
	}
	failure := fmt.Errorf("%s %s: %s", h.method, req.URL.Host, queryForm.ReplaceAllString(err.Error(), "?…"))
	if errors.Is(err, web.ErrRefused) || errors.Is(err, web.ErrTooLarge) {
		return failure
	}
	return engine.Temporary(failure)
}

// request evaluates the configuration.
func (h *httpCall) request(ctx context.Context, run engine.Run) (*http.Request, error) {
	address, err := h.address(run)
	if err != nil {
		return nil, err
	}
	body, contentType, err := h.body(run)
	if err != nil {
		return nil, err
	}
	var reader io.Reader
	if body != nil {
		reader = strings.NewReader(*body)
	}
	req, err := http.NewRequestWithContext(ctx, h.method, address, reader)
	if err != nil {
		return nil, errors.New("url: is not an http or https address after evaluation")
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if h.changes() {
		req.Header.Set("Idempotency-Key", idempotencyKey(run))
	}
	for name, text := range h.Headers {
		v, err := evalShown(text, run)
		if err != nil {
			return nil, fmt.Errorf("headers.%s: %w", name, err)
		}
		if !isHeaderValue(v) {
			return nil, fmt.Errorf("headers.%s: holds a line break or control character after evaluation", name)
		}
		if strings.EqualFold(name, "Host") {
			req.Host = v
		}
		req.Header.Set(name, v)
	}
	return req, nil
}
