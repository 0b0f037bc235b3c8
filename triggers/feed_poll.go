package triggers

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"rhea/engine"
)

// feeds looks at its feeds side by side, each at its own pace, and reads a few of them at a time.
type feeds struct {
	setup   engine.Setup
	pollers []*poller
}

var _ engine.Trigger = (*feeds)(nil)

// readingAtOnce bounds the memory and the connections of a rule with many feeds.
const readingAtOnce = 4

// Run implements [engine.Trigger].
func (f *feeds) Run(parent context.Context, in engine.Intake) error {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	reading := make(chan struct{}, readingAtOnce)
	var all sync.WaitGroup
	for _, p := range f.pollers {
		all.Go(func() {
			if err := p.run(ctx, in, reading); err != nil && ctx.Err() == nil {
				cancel(err)
			}
		})
	}
	all.Wait()
	return unlessDone(parent, context.Cause(ctx))
}

// poller looks at one feed.
type poller struct {
	setup    engine.Setup
	config   FeedConfig
	url      string
	stream   string
	interval time.Duration
}

// look is what a poller keeps in memory from one look to the next.
type look struct {
	state  feedState
	stored feedState
	// done holds the keys of the present items that were dealt with.
	done     map[string]bool
	failures int
}

func (p *poller) run(ctx context.Context, in engine.Intake, reading chan struct{}) error {
	l, err := p.resume(ctx, in)
	if err != nil {
		return err
	}
	for {
		doc, next, err := p.read(ctx, l, reading)
		if ctx.Err() != nil {
			return nil
		}
		pause := p.rest(l, err)
		if doc != nil {
			if err := p.emitNew(ctx, in, l, doc, next); err != nil {
				return unlessDone(ctx, err)
			}
		}
		if p.setup.Once || !wait(ctx, pause) {
			return nil
		}
	}
}

func (p *poller) resume(ctx context.Context, in engine.Intake) (*look, error) {
	l := &look{done: make(map[string]bool)}
	text, err := in.Position(ctx, p.stream)
	if err != nil {
		return nil, err
	}
	if json.Unmarshal([]byte(text), &l.state) != nil {
		l.state = feedState{}
	}
	l.stored = l.state
	return l, nil
}

// read returns the feed and the state it leads to; no feed when it has not changed.
func (p *poller) read(ctx context.Context, l *look, reading chan struct{}) (*feedDocument, feedState, error) {
	select {
	case reading <- struct{}{}:
		defer func() { <-reading }()
	case <-ctx.Done():
		return nil, feedState{}, ctx.Err()
	}
	ask := l.state
	if ask.URL != p.url || p.config.OnUpdate == onUpdateRun && !ask.Revisions {
		ask.URL, ask.ETag, ask.Modified, ask.Hash = p.url, "", "", ""
	}
	a, err := fetch(ctx, p.setup.HTTP(p.config.AllowPrivate), ask)
	if err != nil || a.unchanged {
		return nil, feedState{}, err
	}
	doc, err := parseFeed(a.body, a.address)
	if err != nil {
		return nil, feedState{}, err
	}
	doc.info.URL = withoutPassword(p.url)
	return doc, a.state, nil
}

const (
	firstRest   = time.Minute
	longestRest = 24 * time.Hour
)

// rest returns when to look again, and tells the operator when a feed breaks and when it is well again.
func (p *poller) rest(l *look, err error) time.Duration {
	log := p.setup.Log.With("feed", shownAddress(p.url))
	if err == nil {
		if l.failures > 0 {
			log.Info("feed can be read again", "failures", l.failures)
		}
		l.failures = 0
		return p.interval
	}
	rest := min(firstRest, p.interval) << min(l.failures, 20)
	rest = min(rest, longestRest)
	var status *statusError
	if errors.As(err, &status) {
		rest = max(rest, status.retryAfter)
		if status.code == http.StatusGone {
			rest = longestRest
		}
	}
	if l.failures++; l.failures == 1 {
		log.Warn("feed cannot be read", "error", err, "again_in", rest)
	}
	return rest
}
