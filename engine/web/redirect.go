package web

import (
	"fmt"
	"net/http"
	"net/url"
)

type redirects struct{ max int }

// harmless are the headers that go along to another origin; any other may hold a credential.
var harmless = map[string]bool{
	"Accept":            true,
	"Accept-Encoding":   true,
	"Accept-Language":   true,
	"Cache-Control":     true,
	"Content-Type":      true,
	"If-Modified-Since": true,
	"If-None-Match":     true,
	"Range":             true,
	"User-Agent":        true,
}

// check is asked before each redirect; next already has the headers of the first request.
func (r redirects) check(next *http.Request, via []*http.Request) error {
	if len(via) > r.max {
		if r.max < 0 {
			return http.ErrUseLastResponse
		}
		return fmt.Errorf("more than %d redirects, the last one to %s", r.max, next.URL.Redacted())
	}
	first := via[0]
	if first.URL.Scheme == "https" && next.URL.Scheme == "http" && hasCredentials(first) {
		return fmt.Errorf("%w: %s redirects to %s, which would show the credentials of the request to everybody on the way",
			ErrRefused, first.URL.Host, next.URL.Redacted())
	}
	// The headers are those of the first request, however far the redirects have led.
	stayed := sameOrigin(first.URL, next.URL)
	for _, r := range via[1:] {
		stayed = stayed && sameOrigin(first.URL, r.URL)
	}
	if stayed {
		return nil
	}
	for name := range next.Header {
		if !harmless[name] {
			next.Header.Del(name)
		}
	}
	return nil
}

// sameOrigin also holds for a step up from http to https.
func sameOrigin(a, b *url.URL) bool {
	return a.Host == b.Host && (a.Scheme == b.Scheme || a.Scheme == "http")
}

func hasCredentials(r *http.Request) bool {
	if r.URL.User != nil {
		return true
	}
	for name := range r.Header {
		if !harmless[name] {
			return true
		}
	}
	return false
}
