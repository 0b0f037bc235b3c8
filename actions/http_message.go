package actions

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"rhea/engine"
)

// evalShown evaluates a text for another server, which is shown no key.
func evalShown(text engine.Text, run engine.Run) (string, error) {
	s, err := text.Eval(run.Data)
	return run.Secrets.Redact(s), err
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

// address is the url with the query added.
func (h *httpCall) address(run engine.Run) (string, error) {
	s, err := evalShown(h.URL, run)
	if err != nil {
		return "", fmt.Errorf("url: %w", err)
	}
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || !isWebAddress(u.String()) {
		return "", errors.New("url: is not an http or https address after evaluation")
	}
	if len(h.Query) == 0 {
		return u.String(), nil
	}
	query := u.Query()
	for name, text := range h.Query {
		v, err := evalShown(text, run)
		if err != nil {
			return "", fmt.Errorf("query.%s: %w", name, err)
		}
		query.Set(name, v)
	}
	u.RawQuery = query.Encode()
	return u.String(), nil
}

// body is what to send, nil for nothing, and its type.
func (h *httpCall) body(run engine.Run) (*string, string, error) {
	if !h.JSON.IsZero() {
		v, err := h.JSON.Eval(run.Data)
		if err != nil {
			return nil, "", fmt.Errorf("json: %w", err)
		}
		raw, err := json.Marshal(v)
		if err != nil {
			return nil, "", fmt.Errorf("json: %w", err)
		}
		s := run.Secrets.Redact(string(raw))
		return &s, "application/json", nil
	}
	if h.Body.IsZero() {
		return nil, "", nil
	}
	s, err := evalShown(h.Body, run)
	if err != nil {
		return nil, "", fmt.Errorf("body: %w", err)
	}
	return &s, "text/plain; charset=utf-8", nil
}

// idempotencyKey fits a header whatever a stranger's id in the key looks like.
func idempotencyKey(run engine.Run) string {
	sum := sha256.Sum256([]byte(run.IdempotencyKey))
	return hex.EncodeToString(sum[:])
}

// answer is what later actions see.
func answer(resp *http.Response, raw []byte) map[string]any {
	headers := make(map[string]any, len(resp.Header))
	for name, values := range resp.Header {
		headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	text := strings.ToValidUTF8(string(raw), "\uFFFD")
	var body any = text
	if isJSON(resp.Header.Get("Content-Type")) {
		if v, err := engine.ParseJSON(raw); err == nil {
			body = v
		}
	}
	return map[string]any{"status": resp.StatusCode, "headers": headers, "body": body, "text": text}
}

func isJSON(contentType string) bool {
	t, _, err := mime.ParseMediaType(contentType)
	return err == nil && (t == "application/json" || t == "text/json" || strings.HasSuffix(t, "+json"))
}

func isHeaderValue(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}
