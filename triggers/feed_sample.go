package triggers

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	"rhea/engine"
)

var _ engine.Sampler = (*feeds)(nil)

// sampleFeed stands for the address of a feed that is given as a file.
const sampleFeed = "https://feed.example/"

// Sample implements [engine.Sampler]: it reads a feed's items, or takes one that is given by its fields. All of them
// count as new.
func (f *feeds) Sample(_ context.Context, s engine.Sample) ([]engine.Signal, error) {
	doc := &feedDocument{info: &FeedInfo{URL: sampleFeed}}
	switch data, _ := s.Data.(*FeedData); {
	case s.Document != nil:
		read, err := parseFeed(s.Document, sampleFeed, "")
		if err != nil {
			return nil, fmt.Errorf("reading the feed: %w", err)
		}
		doc = read
	case data != nil && data.Item != nil:
		if data.Feed != nil {
			doc.info = data.Feed
		}
		item := *data.Item
		item.digest = sha256.Sum256([]byte(strings.Join([]string{item.Title, item.Content, item.Summary, item.Link}, "\x00")))
		item.base = item.Link
		doc.items = []*Item{&item}
	default:
		return nil, &engine.Mismatch{Reason: "it waits for items of a feed, and none is given"}
	}
	return f.signals(doc, s.Now), nil
}
