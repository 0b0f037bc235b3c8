package triggers

import (
	"context"
	"errors"
	"fmt"

	"rhea/engine"
)

var _ engine.Prober = (*feeds)(nil)

// Probe implements [engine.Prober]: every feed is fetched once and read.
func (f *feeds) Probe(ctx context.Context) error {
	urls := f.urls
	if f.config.OPML != "" {
		var err error
		if urls, err = f.readList(ctx); err != nil {
			return err
		}
	}
	var failed error
	for _, u := range urls {
		if err := f.probe(ctx, u); err != nil {
			failed = errors.Join(failed, fmt.Errorf("the feed at %s: %w", shownAddress(u), err))
		}
	}
	return failed
}

func (f *feeds) probe(ctx context.Context, address string) error {
	a, err := fetch(ctx, f.setup.HTTP(f.config.AllowPrivate), address, version{})
	if err != nil {
		return err
	}
	_, err = parseFeed(a.body, a.address, a.contentType)
	return err
}
