package feed

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"rhea/engine"
	"rhea/engine/web"
	"rhea/triggers/cron"
)

// sources are the files with the comments that users read.
//
//go:embed config.go feed.go item.go
var sources embed.FS

// Kind is the trigger that fires for every new item of a feed.
func Kind() engine.TriggerKind {
	return engine.NewTriggerKind[Config, Data]("feed", Config{
		FirstRun: firstRunSkip, MaxItems: 10, OnUpdate: onUpdateIgnore, Timezone: "UTC",
	}, newFeeds).Rerunning().Documented(sources)
}

// feeds looks at its feeds side by side, each at its own pace.
type feeds struct {
	setup  engine.Setup
	config Config
	zone   *time.Location
	since  time.Time
	urls   []string
	// reading is for all of them, so that their documents are read one after the other.
	reading *reading
}

var _ engine.Trigger = (*feeds)(nil)

func newFeeds(c Config, s engine.Setup) (engine.Trigger, error) {
	urls, err := c.urls()
	zone, zoneErr := cron.LoadZone(c.Timezone)
	if zoneErr != nil {
		zoneErr = engine.At("timezone", zoneErr)
	}
	since, sinceErr := c.since()
	err = errors.Join(err, c.checkInterval(), zoneErr, sinceErr,
		engine.OneOf("on_update", c.OnUpdate, onUpdateIgnore, onUpdateRun))
	if c.MaxItems < 1 {
		err = errors.Join(err, engine.At("max_items", fmt.Errorf("%d is not a number of items; write 1 or more", c.MaxItems)))
	}
	if err != nil {
		return nil, err
	}
	return &feeds{setup: s, config: c, zone: zone, since: since, urls: urls, reading: newReading()}, nil
}

// Run implements [engine.Trigger]. A single pass returns what could not be read.
func (f *feeds) Run(parent context.Context, in engine.Intake) error {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	pollers, err := f.pollers(ctx)
	if err != nil {
		return engine.UnlessDone(parent, err)
	}
	if err := shareFailed(ctx, in, pollers); err != nil {
		return engine.UnlessDone(parent, err)
	}
	var mu sync.Mutex
	var failed error
	var all sync.WaitGroup
	for _, p := range pollers {
		all.Go(func() {
			err := p.run(ctx, in)
			var unread *unreadError
			switch {
			case err == nil || ctx.Err() != nil:
			case errors.As(err, &unread):
				mu.Lock()
				failed = errors.Join(failed, err)
				mu.Unlock()
			default:
				cancel(err)
			}
		})
	}
	all.Wait()
	return engine.UnlessDone(parent, cmp.Or(context.Cause(ctx), failed))
}

func (f *feeds) pollers(ctx context.Context) ([]*poller, error) {
	urls := f.urls
	if f.config.OPML != "" {
		var err error
		if urls, err = f.readList(ctx); err != nil {
			return nil, err
		}
	}
	turn := f.setup.Turn
	if turn == nil {
		turn = web.NewQueue().Enter
	}
	var all []*poller
	for _, u := range urls {
		all = append(all, &poller{
			setup: f.setup, config: f.config, zone: f.zone, since: f.since, reading: f.reading,
			turn: turn, url: u, stream: f.stream(u, len(urls)),
		})
	}
	return all, nil
}

// stream is where the state of one of so many feeds is kept. A single feed has the rule's own, so that its address may
// change.
func (f *feeds) stream(url string, feeds int) string {
	if feeds == 1 && f.config.OPML == "" {
		return f.setup.Stream
	}
	return manyStream(f.setup.Stream, url)
}

// shareFailed gives each feed its items that failed before the rule was changed: they are offered again as if they were
// new. Those of a feed that the rule does not read any more go with the first one.
func shareFailed(ctx context.Context, in engine.Intake, pollers []*poller) error {
	if len(pollers) == 0 {
		return nil
	}
	by := make(map[string]*poller, len(pollers))
	for _, p := range pollers {
		by[canonicalLink(withoutPassword(p.url))] = p
	}
	return in.Failed(ctx, func(key string, d engine.Data) {
		p := pollers[0]
		if data, ok := d.(*Data); ok && data.Feed != nil {
			if own := by[canonicalLink(data.Feed.URL)]; own != nil {
				p = own
			}
		}
		p.failed = append(p.failed, key)
	})
}

// readList returns the addresses of the feeds in an OPML list at a path or a web address.
func (f *feeds) readList(ctx context.Context) ([]string, error) {
	body, err := f.fetchList(ctx)
	if err != nil {
		return nil, fmt.Errorf("the list %s: %w", shownAddress(f.config.OPML), err)
	}
	urls, err := inTime(ctx, f.reading, f.config.OPML, func(ctx context.Context) ([]string, error) { return outlines(ctx, body) })
	if err == nil && len(urls) == 0 {
		err = errors.New("holds no feed: no outline has an xmlUrl")
	}
	if err != nil {
		return nil, fmt.Errorf("the list %s: %w", shownAddress(f.config.OPML), err)
	}
	return urls, nil
}

func (f *feeds) fetchList(ctx context.Context) ([]byte, error) {
	if isWeb(f.config.OPML) {
		a, err := fetch(ctx, f.setup.HTTP(f.config.AllowPrivate), f.config.OPML, version{})
		if err != nil {
			return nil, err
		}
		return sanitizeXML(readable(a.body, a.contentType)), nil
	}
	path := f.config.OPML
	if !filepath.IsAbs(path) {
		path = filepath.Join(f.setup.Dir, path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	body, err := io.ReadAll(io.LimitReader(file, maxBytes))
	if err != nil {
		return nil, err
	}
	return sanitizeXML(readable(body, "")), nil
}
