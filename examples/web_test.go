package examples_test

import (
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
)

// feed is a blog on this machine.
type feed struct {
	*httptest.Server

	title string
	mu    sync.Mutex
	items []item
}

// item is one post of a feed.
type item struct {
	Title      string   `xml:"title"`
	Link       string   `xml:"link"`
	Categories []string `xml:"category"`
	Text       string   `xml:"description,omitempty"`
}

func newFeed(t *testing.T, title string, items ...item) *feed {
	t.Helper()
	f := &feed{title: title, items: items}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.Close)
	return f
}

// add publishes a post.
func (f *feed) add(i item) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.items = append(f.items, i)
}

// edit replaces the post of the same link.
func (f *feed) edit(i item) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for n := range f.items {
		if f.items[n].Link == i.Link {
			f.items[n] = i
		}
	}
}

// serve answers with RSS, newest post first.
func (f *feed) serve(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var doc struct {
		XMLName xml.Name `xml:"rss"`
		Version string   `xml:"version,attr"`
		Title   string   `xml:"channel>title"`
		Items   []item   `xml:"channel>item"`
	}
	doc.Version, doc.Title = "2.0", f.title
	for _, i := range slices.Backward(f.items) {
		doc.Items = append(doc.Items, i)
	}
	w.Header().Set("Content-Type", "application/rss+xml; charset=utf-8")
	_ = xml.NewEncoder(w).Encode(doc) // The bot has gone; the test will tell.
}

// newAPI serves one JSON document.
func newAPI(t *testing.T, json string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(json)) // The bot has gone; the test will tell.
	}))
	t.Cleanup(s.Close)
	return s
}
