package cmd

import (
	"context"
	"encoding/xml"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// sampleFeed is a blog on this machine that gains a post now and then.
type sampleFeed struct {
	url string

	mu    sync.Mutex
	posts []samplePost
}

type samplePost struct {
	Title   string `xml:"title"`
	Link    string `xml:"link"`
	GUID    string `xml:"guid"`
	Summary string `xml:"description"`
	Date    string `xml:"pubDate"`
}

var sampleTitles = []string{
	"Why small programs age well", "A field guide to feeds", "[draft] Not finished yet", "What a relay is, and is not",
	"The case for boring schedules", "Ostriches run, rheas flow",
}

// serveSampleFeed serves the feed on loopback until ctx ends.
func serveSampleFeed(ctx context.Context) (*sampleFeed, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("serving the sample feed: %w", err)
	}
	f := &sampleFeed{url: "http://" + ln.Addr().String() + "/feed.xml"}
	f.add()
	server := &http.Server{Handler: f, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(ln) }() // Ends when the context closes it.
	context.AfterFunc(ctx, func() { _ = server.Close() })
	return f, nil
}

// add publishes the next post on the blog.
func (f *sampleFeed) add() {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := len(f.posts)
	f.posts = append(f.posts, samplePost{
		Title: sampleTitles[n%len(sampleTitles)], Link: fmt.Sprintf("https://blog.example/%d", n+1),
		GUID: fmt.Sprintf("post-%d", n+1), Summary: "<p>A sample post.</p>", Date: time.Now().Format(time.RFC1123Z),
	})
}

// ServeHTTP answers with the feed as RSS, newest post first.
func (f *sampleFeed) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	type channel struct {
		Title string       `xml:"title"`
		Link  string       `xml:"link"`
		Items []samplePost `xml:"item"`
	}
	doc := struct {
		XMLName xml.Name `xml:"rss"`
		Version string   `xml:"version,attr"`
		Channel channel  `xml:"channel"`
	}{Version: "2.0", Channel: channel{Title: "A sample blog", Link: "https://blog.example/"}}
	for _, post := range slices.Backward(f.posts) {
		doc.Channel.Items = append(doc.Channel.Items, post)
	}
	w.Header().Set("Content-Type", "application/rss+xml; charset=utf-8")
	_ = xml.NewEncoder(w).Encode(doc) // The reader may have gone; it will come again.
}
