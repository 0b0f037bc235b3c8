package feed

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"rhea/engine"
)

var _ engine.Previewer = (*feeds)(nil)

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
