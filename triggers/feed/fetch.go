package feed

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"rhea/engine/web"
)

const (
	maxBytes      = 10 << 20 // After decompression.
	fetchDeadline = time.Minute
	acceptedTypes = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, " +
		"text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)

// answer is what a feed's server said.
type answer struct {
	body        []byte
	contentType string
	// address is where the body came from in the end.
	address string
	// moved is where permanent redirects led.
	moved string
	// version is what to ask with the next time.
	version version
	// freshFor is how long the server says the answer is good.
	freshFor  time.Duration
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

// fetch asks for the feed at address unless it is still the known version (RFC 9110, conditional requests).
func fetch(ctx context.Context, client *http.Client, address string, known version) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchDeadline)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", acceptedTypes)
	if known.ETag != "" {
		req.Header.Set("If-None-Match", known.ETag)
	}
	if known.Modified != "" {
		req.Header.Set("If-Modified-Since", known.Modified)
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, withoutAddress(err)
	}
	defer func() { _ = resp.Body.Close() }()
	a := &answer{
		version: known, address: resp.Request.URL.String(), moved: movedTo(resp),
		contentType: resp.Header.Get("Content-Type"), freshFor: freshness(resp.Header),
	}
	switch {
	case resp.StatusCode == http.StatusNotModified:
		a.unchanged = true
		return a, nil
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		return nil, &statusError{resp.StatusCode, retryAfter(resp)}
	}
	if a.body, err = web.Read(resp, maxBytes); err != nil {
		return nil, withoutAddress(err)
	}
	if a.body, err = unzipped(a.body); err != nil {
		return nil, err
	}
	a.version.ETag, a.version.Modified = resp.Header.Get("ETag"), resp.Header.Get("Last-Modified")
	a.version.Hash = hashOf(a.body)
	a.unchanged = a.version.Hash == known.Hash
	return a, nil
}

func hashOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:16])
}

// unzipped unpacks a file that is itself compressed, such as feed.xml.gz.
func unzipped(body []byte) ([]byte, error) {
	if !bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
		return body, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("unpacking the feed: %w", err)
	}
	if body, err = io.ReadAll(io.LimitReader(z, maxBytes+1)); err != nil {
		return nil, fmt.Errorf("unpacking the feed: %w", err)
	}
	if len(body) > maxBytes {
		return nil, fmt.Errorf("%w: unpacked it is more than %d KiB", web.ErrTooLarge, maxBytes>>10)
	}
	return body, nil
}

// movedTo follows the redirects that led to resp as far as they are permanent (301 and 308).
func movedTo(resp *http.Response) string {
	var hops []*http.Request // From the last to the first.
	for r := resp.Request; r != nil; {
		hops = append(hops, r)
		if r.Response == nil {
			break
		}
		r = r.Response.Request
	}
	moved := ""
	for i := len(hops) - 2; i >= 0; i-- {
		code, from, to := hops[i].Response.StatusCode, hops[i+1].URL, hops[i].URL
		if code != http.StatusMovedPermanently && code != http.StatusPermanentRedirect ||
			from.Scheme == "https" && to.Scheme != "https" {
			break
		}
		moved = to.String()
	}
	return moved
}

// freshness reads how long the answer may be kept (RFC 9111), 0 if it does not say.
func freshness(h http.Header) time.Duration {
	for part := range strings.SplitSeq(strings.ToLower(h.Get("Cache-Control")), ",") {
		part = strings.TrimSpace(part)
		if part == "no-cache" || part == "no-store" {
			return 0
		}
		if value, ok := strings.CutPrefix(part, "max-age="); ok {
			if seconds, err := strconv.ParseInt(strings.Trim(value, `"`), 10, 64); err == nil {
				return time.Duration(min(max(seconds, 0), int64(longestRest/time.Second))) * time.Second
			}
		}
	}
	if at, err := http.ParseTime(h.Get("Expires")); err == nil {
		from := time.Now()
		if date, err := http.ParseTime(h.Get("Date")); err == nil {
			from = date
		}
		return min(max(at.Sub(from), 0), longestRest)
	}
	return 0
}

// withoutAddress leaves out the address that net/http puts into its errors: it may hold a token.
func withoutAddress(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// retryAfter reads how long an overloaded server wants to be left alone.
func retryAfter(resp *http.Response) time.Duration {
	if resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable {
		return 0
	}
	value := strings.TrimSpace(resp.Header.Get("Retry-After"))
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		return time.Duration(min(max(seconds, 0), int64(longestRest/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(time.Until(at), 0), longestRest)
	}
	return 0
}
