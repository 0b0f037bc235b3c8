package feed

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"rhea/engine"
)

var (
	_ engine.Planner        = (*feeds)(nil)
	_ engine.Previewer      = (*feeds)(nil)
	_ engine.Sampler        = (*feeds)(nil)
	_ engine.StatusReporter = (*feeds)(nil)
)

// Plan implements [engine.Planner]: the next look at each feed. Which feeds an OPML list names is known only to the
// bot that has read it.
func (f *feeds) Plan(ctx context.Context, stored engine.Positions, now time.Time, n int) ([]engine.Planned, error) {
	var looks []engine.Planned
	for _, u := range f.urls {
		text, err := stored.Position(ctx, f.stream(u, len(f.urls)))
		if err != nil {
			return nil, err
		}
		var s state
		look := engine.Planned{Time: now.In(f.zone), Note: hostOf(u) + ", first look"}
		if json.Unmarshal([]byte(text), &s) == nil && s.Next > 0 && s.Asked == u {
			look.Time, look.Note = time.Unix(s.Next, 0).In(f.zone), hostOf(u)
			if s.Held > 0 {
				look.Note += ", held"
			}
		}
		looks = append(looks, look)
	}
	slices.SortStableFunc(looks, func(a, b engine.Planned) int { return a.Time.Compare(b.Time) })
	return looks[:min(n, len(looks))], nil
}

// previewedAtOnce is how many feeds a preview fetches side by side.
const previewedAtOnce = 8

// Preview implements [engine.Previewer]: every feed is fetched once and read. The newest items come first.
func (f *feeds) Preview(ctx context.Context, now time.Time, n int) ([]engine.Signal, error) {
	urls := f.urls
	if f.config.OPML != "" {
		var err error
		if urls, err = f.readList(ctx); err != nil {
			return nil, err
		}
	}
	signals, failures := make([][]engine.Signal, len(urls)), make([]error, len(urls))
	places := make(chan struct{}, previewedAtOnce)
	var fetching sync.WaitGroup
	for i, u := range urls {
		places <- struct{}{}
		fetching.Go(func() {
			defer func() { <-places }()
			doc, err := f.look(ctx, u)
			if err != nil {
				failures[i] = fmt.Errorf("the feed at %s: %w", shownAddress(u), err)
				return
			}
			signals[i] = f.signals(doc, now)
			slices.Reverse(signals[i]) // Items are in the order of their dates, the oldest first.
		})
	}
	fetching.Wait()
	all := slices.Concat(signals...)
	slices.SortStableFunc(all, func(a, b engine.Signal) int { return b.Time.Compare(a.Time) })
	return all[:min(n, len(all))], errors.Join(failures...)
}

func (f *feeds) look(ctx context.Context, address string) (*document, error) {
	a, err := fetch(ctx, f.setup.HTTP(f.config.AllowPrivate), address, version{})
	if err != nil {
		return nil, err
	}
	return f.reading.feed(ctx, address, a.body, a.address, a.contentType)
}

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

// signals makes a signal of every item, as if all of them were new.
func (f *feeds) signals(doc *document, now time.Time) []engine.Signal {
	items, ids := identify(doc)
	signals := make([]engine.Signal, len(items))
	for i, item := range items {
		signals[i] = engine.Signal{
			Key: ids[i].key, Time: item.time(), Group: f.setup.Stream, Data: &Data{Item: item, Feed: doc.info},
		}
		if signals[i].Time.IsZero() || signals[i].Time.After(now) {
			signals[i].Time = now
		}
	}
	return signals
}

// Sources implements [engine.StatusReporter]. Feeds that are configured and not read yet are named too, those of a list
// only once they were.
func (f *feeds) Sources(positions map[string]string, now time.Time) []engine.SourceStatus {
	known := make(map[string]state)
	for _, u := range f.urls {
		known[u] = state{}
	}
	for stream, value := range positions {
		var s state
		if stream != f.setup.Stream && !strings.HasPrefix(stream, f.setup.Stream+"/") || json.Unmarshal([]byte(value), &s) != nil {
			continue
		}
		address := cmp.Or(s.Asked, s.URL)
		before, configured := known[address]
		if address == "" || f.config.OPML == "" && !configured || before.Next > s.Next {
			continue // It is not configured any more, or was kept elsewhere once.
		}
		known[address] = s
	}
	all := make([]engine.SourceStatus, 0, len(known))
	for address, s := range known {
		all = append(all, s.status(address, now))
	}
	slices.SortFunc(all, func(a, b engine.SourceStatus) int { return cmp.Compare(a.Address, b.Address) })
	return all
}

func (s *state) status(address string, now time.Time) engine.SourceStatus {
	st := engine.SourceStatus{Address: shownAddress(address), Status: "ok"}
	if s.Read > 0 {
		st.Read = time.Unix(s.Read, 0)
	}
	if rest := time.Unix(s.NotBefore, 0); s.NotBefore > 0 && rest.After(now) {
		st.Rest, st.Status = rest, "resting"
	}
	switch {
	case s.Held > 0:
		st.Status, st.Note = "held", fmt.Sprintf("%d new items at once, %d are likely", s.Held, s.Limit)
	case s.Gone:
		st.Status, st.Note = "gone", "its server says so (410)"
	case s.Failed != "":
		st.Status, st.Note = "failing", s.Failed
	case !s.Known:
		st.Status = "new"
	case s.hasMoved(now):
		st.Note = "has moved to " + shownAddress(s.Moved)
	}
	return st
}
