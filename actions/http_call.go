package actions

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"slices"

	"rhea/engine"
	"rhea/engine/web"
)

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
