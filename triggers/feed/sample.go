package feed

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"

	"rhea/engine"
)

var _ engine.Sampler = (*feeds)(nil)

// sampleFeed stands for the address of a feed that is given as a file, where the trigger reads several.
const sampleAddress = "https://feed.example/"

// Sample implements [engine.Sampler]: it reads a feed's items, or takes one that is given by its fields. All of them
// count as new.
func (f *feeds) Sample(ctx context.Context, s engine.Sample) ([]engine.Signal, error) {
	address := sampleAddress
	if len(f.urls) == 1 {
		address = f.urls[0]
	}
	doc := &document{info: &Feed{URL: address}}
	switch data, _ := s.Data.(*Data); {
	case s.Document != nil:
		read, err := f.reading.feed(ctx, address, s.Document, address, "")
		if err != nil {
			return nil, fmt.Errorf("reading the feed: %w", err)
		}
		doc = read
	case data != nil && data.Item != nil:
		if data.Feed != nil {
			doc.info = data.Feed
		}
		item := *data.Item
		if item.key == "" { // It was written by hand.
			item.digest = sha256.Sum256([]byte(strings.Join([]string{item.Title, item.Content, item.Summary, item.Link}, "\x00")))
			item.base = item.Link
		}
		doc.items = []*Item{&item}
	default:
		return nil, &engine.Mismatch{Reason: "it waits for items of a feed, and none is given"}
	}
	signals := f.signals(doc, s.Now)
	if data, _ := s.Data.(*Data); data != nil && data.Item.key != "" {
		// It was one of many, and had its name among them.
		signals[0].Key, doc.items[0].key = data.Item.key, data.Item.key
	}
	return signals, nil
}

// storedItem is an item with what expressions do not see.
type storedItem struct {
	storedFields
	Base   string
	Key    string
	Digest []byte
}

type storedFields Item

// MarshalJSON writes down an item that waits.
func (i *Item) MarshalJSON() ([]byte, error) {
	return json.Marshal(storedItem{storedFields(*i), i.base, i.key, i.digest[:]})
}

// UnmarshalJSON reads what [Item.MarshalJSON] wrote.
func (i *Item) UnmarshalJSON(text []byte) error {
	var s storedItem
	err := json.Unmarshal(text, &s)
	*i = Item(s.storedFields)
	i.base, i.key = s.Base, s.Key
	copy(i.digest[:], s.Digest)
	return err
}
