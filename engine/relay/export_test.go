package relay

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"strconv"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// Parts returns what a frame holds.
func (f Frame) Parts() (label, id string, ok bool, text string, event []byte) {
	return f.Label, string(f.ID), f.OK, string(f.Text), f.Event
}

// Glance returns what a glance at a frame sees, and whether it sees anything.
func Glance(data []byte) (string, bool) {
	var g Peek
	plain := g.Read(data)
	return shown(&g), plain
}

// Glanced returns the subscription and the bytes of the event that a glance sees.
func Glanced(data []byte) (sub string, raw []byte) {
	var g Peek
	g.Read(data)
	return string(g.Sub), g.Raw
}

// GlanceOf returns what a glance at an event must see.
func GlanceOf(sub string, e *nostr.Event) string {
	var g Peek
	g.Fill([]byte(sub), nil, e)
	return shown(&g)
}

// Glancer reads frames as a link does.
type Glancer struct{ g Peek }

// Read reports whether a glance was enough.
func (r *Glancer) Read(data []byte) bool { return r.g.Read(data) }

// Claimed returns the id that the last frame claims.
func (r *Glancer) Claimed() (id [32]byte, ok bool) { return r.g.ClaimedID() }

// Reader is a link without a connection and with one subscription, "r1", that has answered, for benchmarks.
type Reader struct {
	link *link
	g    Peek
}

// NewReader returns a reader for some queries. What is delivered counts as handled.
func NewReader(ctx context.Context, queries []nostr.Filters) *Reader {
	s := &session{url: "ws://one.test", log: slog.New(slog.DiscardHandler), changed: make(chan struct{})}
	p := newPlanner(ctx, s, newRecent())
	g := &group{planner: p, legs: make(map[*leg]bool), values: math.MaxInt}
	for i, filters := range queries {
		q := newQuery(1, func(context.Context, engine.Received) error { return nil })
		go q.run(ctx)
		l := &leg{query: q, stream: strconv.Itoa(i), filters: tidy(filters)}
		g.legs[l] = true
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
	g     Peek
}

// NewIndex files rules.
func NewIndex(rules []nostr.Filters) *Index {
	var legs []*served
	for _, filters := range rules {
		legs = append(legs, &served{leg: &leg{}, filters: tidy(filters)})
	}
	return &Index{index: newIndex(legs)}
}

// Find returns how many rules want the frame. A frame that is the same as the last is not glanced at again.
func (x *Index) Find(frame []byte) int {
	if len(x.frame) == 0 || &x.frame[0] != &frame[0] {
		x.frame = frame
		x.g.Read(frame)
	}
	return len(x.index.find(&x.g))
}

// shown is what was glanced at, as text.
func shown(g *Peek) string {
	return fmt.Sprintf("%s %s %s %s %d %d %q", g.Sub, g.ID, g.Pubkey, g.Sig, g.CreatedAt, g.Kind, g.Tags)
}
