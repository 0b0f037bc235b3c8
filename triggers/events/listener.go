package events

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/thread"
)

// listener is what the kinds that listen on relays have in common: a standing query whose events become signals.
type listener struct {
	setup *engine.Setup
	// filters are what to ask for, at the time of asking.
	filters func(now time.Time) nostr.Filters
	// past says that events from before the rule's first start are wanted.
	past bool
	// choose says what to make of an event; nil passes it by. An error has it delivered again later. A nil choose
	// passes everything on.
	choose func(ctx context.Context, r engine.Received, d Data) (*choice, error)
	// view is what expressions see of an event by itself; nil means its [Data].
	view func(d Data) engine.Data
	// otherwise says of an event that choose passes by why it does, and told which of those the history tells of; nil means
	// none.
	otherwise string
	told      func(e *nostr.Event) bool
	profiles  profiles
	// direct reports whether an event speaks to the identity itself; nil for kinds that nobody speaks to.
	direct func(e *nostr.Event) bool
	// named says that an expression of the rule names what only a profile can tell.
	named bool
}

// choice is an event to pass on: what expressions see of it and what is to be fetched first.
type choice struct {
	data    engine.Data
	prepare func(context.Context)
}

var _ engine.Listener = (*listener)(nil)

func newListener(s *engine.Setup, filters func(now time.Time) nostr.Filters) *listener {
	return &listener{setup: s, filters: filters, profiles: newProfiles(s), named: wantsProfile(s)}
}

// tagged asks for events of some kinds with one of some values in a tag. The filter is made when it is asked for.
func tagged(kinds []int, tag string, values ...string) func(time.Time) nostr.Filters {
	return func(time.Time) nostr.Filters { return nostr.Filters{{Kinds: kinds, Tags: nostr.TagMap{tag: values}}} }
}

// Run implements [engine.Trigger].
func (l *listener) Run(ctx context.Context, in engine.Intake) error {
	if l.setup.Once {
		return l.pass(ctx, in)
	}
	wait, err := l.Listen(ctx, in)
	if err == nil {
		wait()
	}
	return engine.UnlessDone(ctx, err)
}

// Listen implements [engine.Listener].
func (l *listener) Listen(ctx context.Context, in engine.Intake) (wait func(), err error) {
	query := engine.Query{
		Stream:      l.setup.Stream,
		Pubkey:      l.setup.Pubkey,
		Relays:      l.setup.Relays,
		Filters:     l.filters(time.Now()),
		MaxAge:      l.setup.Reach,
		Concurrency: max(l.setup.Concurrency, 1),
	}
	query.Unwanted = l.unwanted()
	if l.setup.Ahead != nil {
		query.Ahead = func(e *nostr.Event) { l.setup.Ahead(ctx, e) }
	}
	return l.setup.Source.Subscribe(ctx, query, func(ctx context.Context, r engine.Received) error { return l.deliver(ctx, in, r) })
}

// unwanted returns what turns down events for which a condition of the rule is surely false; nil when none of them can be
// judged by the event alone.
func (l *listener) unwanted() func(r engine.Received) bool {
	if !slices.ContainsFunc(l.setup.Conditions, isBrief) {
		return nil
	}
	return l.turnsDown
}

// turnsDown reports whether a condition of the rule is surely false for an event.
func (l *listener) turnsDown(r engine.Received) bool {
	if engine.Oversize(r.Event) != "" || l.setup.Heard != nil && l.setup.Heard(r.Event) {
		return false // The engine says why, and hears who says stop.
	}
	seen := dataOf(r)
	var d engine.Data = &seen
	if l.view != nil {
		d = l.view(seen)
	}
	return slices.ContainsFunc(l.setup.Conditions, func(c engine.Condition) bool {
		if !isBrief(c) {
			return false
		}
		ok, err := c.Eval(d)
		return err == nil && !ok
	})
}

func isBrief(c engine.Condition) bool { return c.IsBrief(isOfEvent) }

// isOfEvent reports whether a variable tells of the event alone: nothing has to be looked up for it.
func isOfEvent(name string) bool {
	return name == "relay" || name == "event" || strings.HasPrefix(name, "event.")
}

func (l *listener) deliver(ctx context.Context, in engine.Intake, r engine.Received) error {
	s, err := l.signal(ctx, r)
	if err == nil && s == nil {
		s = l.passed(r)
	}
	if err != nil || s == nil {
		return err
	}
	return in.Emit(ctx, *s)
}

// passed returns what to tell the history of an event that is passed by; nil means nothing. What was there before the rule,
// and what the bot wrote itself, is not worth a line.
func (l *listener) passed(r engine.Received) *engine.Signal {
	if l.told == nil || r.Backlog || slices.Contains(l.setup.Own, r.Event.PubKey) || !l.told(r.Event) {
		return nil
	}
	data := dataOf(r)
	return &engine.Signal{
		Key: r.Event.ID, Time: r.Event.CreatedAt.Time(), Data: &data, Event: r.Event, Relay: r.Relay, Verify: r.Verify,
		Mismatch: l.otherwise,
	}
}

// signal returns what to make of an event; nil passes it by.
func (l *listener) signal(ctx context.Context, r engine.Received) (*engine.Signal, error) {
	data := dataOf(r)
	chosen := &choice{data: &data}
	if l.choose != nil && engine.Oversize(r.Event) == "" { // The engine turns it down and says why.
		var err error
		if chosen, err = l.choose(ctx, r, data); err != nil || chosen == nil {
			return nil, err
		}
	}
	return &engine.Signal{
		Key:     r.Event.ID,
		Time:    r.Event.CreatedAt.Time(),
		Group:   r.Event.PubKey,
		Data:    chosen.data,
		Event:   r.Event,
		Relay:   r.Relay,
		Thread:  threadOf(r.Event),
		Direct:  l.direct != nil && l.direct(r.Event),
		Verify:  r.Verify,
		Prepare: l.prepare(data.Author, chosen.prepare),
		Backlog: r.Backlog && !l.past,
	}, nil
}

func dataOf(r engine.Received) Data {
	return Data{Event: viewEvent(r.Event, r.Relay), Author: &Author{Pubkey: r.Event.PubKey}, Relay: r.Relay}
}

// threadOf returns the id of the event that began the conversation: its own when it stands alone.
func threadOf(e *nostr.Event) string {
	if root := thread.Root(e); root.ID != "" {
		return root.ID
	}
	return e.ID
}

// prepare joins what is to be fetched before the condition; nil when there is nothing.
func (l *listener) prepare(author *Author, more func(context.Context)) func(context.Context) {
	if !l.named {
		return more
	}
	return func(ctx context.Context) {
		l.profiles.fill(ctx, author)
		if more != nil {
			more(ctx)
		}
	}
}

// passOverlap is read twice by consecutive passes: relays get events late, and authors' clocks differ.
const passOverlap = 10 * time.Minute

// pass is one look at the relays: it hands in what was stored since the last pass. The first pass only notes when
// it was, as a feed's first run does.
func (l *listener) pass(ctx context.Context, in engine.Intake) error {
	stream := l.setup.Stream + "/pass"
	last, err := in.Position(ctx, stream)
	if err != nil {
		return err
	}
	now := time.Now()
	if last == "" {
		l.setup.Log.Info("nothing was listened to: this first pass only notes the time, the next one asks for what comes from " +
			"now on; without --once the bot listens all the time")
	}
	if since, err := time.Parse(time.RFC3339, last); err == nil {
		if err := l.fetch(ctx, in, since.Add(-passOverlap), now); err != nil {
			return engine.UnlessDone(ctx, err)
		}
	}
	return engine.UnlessDone(ctx, in.Advance(ctx, engine.Position{Stream: stream, Value: now.UTC().Format(time.RFC3339)}))
}

func (l *listener) fetch(ctx context.Context, in engine.Intake, since, now time.Time) error {
	if reach := now.Add(-l.setup.Reach); l.setup.Reach > 0 && since.Before(reach) {
		since = reach
	}
	for _, filter := range l.filters(now) {
		if from := timestamp(since); filter.Since == nil || *filter.Since < *from {
			filter.Since = from
		}
		events, err := l.setup.Source.Fetch(ctx, l.setup.Relays, filter)
		if err != nil {
			return fmt.Errorf("asking the relays: %w", err)
		}
		for _, e := range slices.Backward(events) {
			// Fetch has checked the signature and does not tell which relay had the event.
			if err := l.deliver(ctx, in, engine.Received{Event: &e}); err != nil {
				return err
			}
		}
	}
	return nil
}
