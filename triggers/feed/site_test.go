package feed_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/triggers/feed"
)

// site is a web site with a feed, reached without a network so that it can live in a bubble.
type site struct {
	mu       sync.Mutex
	items    []string // Newest first, as feeds are.
	requests []*http.Request
	// answer, when set, stands instead of the feed.
	answer http.HandlerFunc
}

func (s *site) add(items ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range items {
		s.items = append([]string{i}, s.items...)
	}
}

func (s *site) set(answer http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

func (s *site) asked() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func (s *site) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r)
	w := httptest.NewRecorder()
	if s.answer != nil {
		s.answer(w, r)
	} else {
		s.serve(w, r)
	}
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

func (s *site) serve(w http.ResponseWriter, r *http.Request) {
	etag := fmt.Sprintf(`W/"%d"`, len(s.items))
	w.Header().Set("ETag", etag)
	w.Header().Set("Last-Modified", "Sat, 01 Jan 2000 00:00:00 GMT")
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	fmt.Fprint(w, rss(s.items...))
}

func rss(items ...string) string {
	var b strings.Builder
	b.WriteString(`<rss version="2.0"><channel><title>Site</title><link>https://site.example/</link>`)
	for _, i := range items {
		guid, title, _ := strings.Cut(i, "=")
		fmt.Fprintf(&b, `<item><guid isPermaLink="false">%s</guid><title>%s</title></item>`, guid, title)
	}
	return b.String() + `</channel></rss>`
}

func (s *site) setup(t *testing.T) engine.Setup {
	t.Helper()
	set := enginetest.Setup(t, nil)
	set.HTTP = func(bool) *http.Client { return &http.Client{Transport: s} }
	return set
}

// feed is a feed trigger's configuration with the defaults and some changes.
func configured(change func(*feed.Config)) feed.Config {
	c := feed.Kind().Defaults.(feed.Config)
	c.URL, c.Interval = "https://site.example/feed.xml", feed.Every(10*time.Minute)
	if change != nil {
		change(&c)
	}
	return c
}

// guids lists the items of signals, a changed one with a star.
func guids(signals []engine.Signal) string {
	var all []string
	for _, s := range signals {
		item := s.Data.(*feed.Data).Item
		name := item.GUID
		if item.UpdatedAgain {
			name += "*" + item.Title
		}
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return strings.Join(all, " ")
}

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}
