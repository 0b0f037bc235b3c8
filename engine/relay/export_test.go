package relay

import (
	"context"
	"log/slog"
	"math"
	"strconv"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay/wire"
)

// Reader is a link without a connection and with one subscription, "r1", that has answered, for benchmarks.
type Reader struct {
	link *link
	g    wire.Peek
}

// NewReader returns a reader for some queries. What is delivered counts as handled.
func NewReader(ctx context.Context, queries []nostr.Filters) *Reader {
	s := &session{url: "ws://one.test", log: slog.New(slog.DiscardHandler), changed: make(chan struct{})}
	p := newPlanner(ctx, s, newRecent())
	g := &group{planner: p, subscribers: make(map[*subscriber]bool), values: math.MaxInt}
	for i, filters := range queries {
		q := newQuery(ctx, 1, func(context.Context, engine.Received) error { return nil })
		sub := &subscriber{query: q, stream: strconv.Itoa(i), filters: normalizeFilters(filters)}
		g.subscribers[sub] = true
	}
	l := newLink(ctx, nil)
	sub := p.subscription(g, l)
	sub.eose("")
	l.receivers.Store(&map[string]receiver{"r1": sub})
	return &Reader{link: l}
}

// Dispatch takes one frame as the reading goroutine does.
func (r *Reader) Dispatch(frame []byte) { r.link.dispatch(frame, &r.g) }

// Known reports whether every query that wants the frame has handled it.
func (r *Reader) Known(frame []byte) bool {
	r.g.Read(frame)
	return isKnown(&r.g, (*r.link.receivers.Load())["r1"].(*subscription).index.find(&r.g))
}

// Index is the index of some rules alone, and the last frame that was looked up.
type Index struct {
	index *index
	frame []byte
	g     wire.Peek
}

// NewIndex files rules.
func NewIndex(rules []nostr.Filters) *Index {
	var members []*member
	for _, filters := range rules {
		members = append(members, &member{subscriber: &subscriber{}, filters: normalizeFilters(filters)})
	}
	return &Index{index: newIndex(members)}
}

// Find returns how many rules want the frame. A frame that is the same as the last is not peeked at again.
func (x *Index) Find(frame []byte) int {
	if len(x.frame) == 0 || &x.frame[0] != &frame[0] {
		x.frame = frame
		x.g.Read(frame)
	}
	return len(x.index.find(&x.g))
}
