package triggers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"rhea/engine/web"
)

const (
	feedBytes    = 10 << 20 // After decompression.
	feedDeadline = time.Minute
	feedTypes    = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, " +
		"text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)

// feedState is what is remembered of a feed between two looks, as JSON in the stream's position.
type feedState struct {
	// URL is where the rest comes from.
	URL string `json:"url"`
	// ETag and Modified are sent back as they came.
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"modified,omitempty"`
	// Hash is of the body that was dealt with last.
	Hash string `json:"hash,omitempty"`
	// Known says that the first run is through.
	Known bool `json:"known,omitempty"`
	// Revisions says that the contents of all items are remembered, so that a change can be told.
	Revisions bool `json:"revisions,omitempty"`
}

// answer is what a feed's server said.
type answer struct {
	body      []byte
	address   string
	state     feedState
	unchanged bool
}

// statusError is an answer without a feed.
type statusError struct {
	code       int
	retryAfter time.Duration
}

func (s *statusError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("the server answers %d %s", s.code, http.StatusText(s.code)))
}

// fetch asks for the feed unless it is as the state says (RFC 9110, conditional requests).
func fetch(ctx context.Context, client *http.Client, state feedState) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, feedDeadline)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, state.URL, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", feedTypes)
	if state.ETag != "" {
		req.Header.Set("If-None-Match", state.ETag)
	}
	if state.Modified != "" {
		req.Header.Set("If-Modified-Since", state.Modified)
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, withoutAddress(err)
	}
	defer func() { _ = resp.Body.Close() }()
	switch {
	case resp.StatusCode == http.StatusNotModified:
		return &answer{unchanged: true}, nil
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		return nil, &statusError{resp.StatusCode, retryAfter(resp)}
	}
	body, err := web.Read(resp, feedBytes)
	if err != nil {
		return nil, withoutAddress(err)
	}
	hash := sha256.Sum256(body)
	a := &answer{body: body, address: resp.Request.URL.String(), state: state}
	a.state.ETag, a.state.Modified = resp.Header.Get("ETag"), resp.Header.Get("Last-Modified")
	a.state.Hash = hex.EncodeToString(hash[:16])
	a.unchanged = a.state.Hash == state.Hash
	return a, nil
}

// withoutAddress leaves out the address that net/http puts into its errors: it may hold a token.
func withoutAddress(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// retryAfter reads how long an overloaded server wants to be left alone.
func retryAfter(resp *http.Response) time.Duration {
	if resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable {
		return 0
	}
	value := resp.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(min(max(seconds, 0), int(longestRest/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(time.Until(at), 0), longestRest)
	}
	return 0
}
