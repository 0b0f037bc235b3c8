package feed

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// parseDeadline is how long the reading of one document may take.
const parseDeadline = 1500 * time.Millisecond

// errSlow is the error for a document that takes longer.
var errSlow = fmt.Errorf("unreadable feed: reading it takes more than %s", parseDeadline)

// reading reads documents in time. One that takes longer is given up: it stops at the next piece of the document, and
// until then no other one of that feed is begun.
type reading struct {
	// places are how many documents are waited for at a time; going on are those and what was given up of others.
	places, goingOn chan struct{}

	mu sync.Mutex
	// busy are the addresses of what is going on.
	busy map[string]bool
}

// For all feeds of a rule together.
const (
	placesAtOnce  = 2
	goingOnAtOnce = 4
)

func newReading() *reading {
	return &reading{
		places: make(chan struct{}, placesAtOnce), goingOn: make(chan struct{}, goingOnAtOnce), busy: make(map[string]bool),
	}
}

// errStillRead keeps documents that never end from piling up.
var errStillRead = errors.New("not read: documents that took too long before are still being read")

// feed is [parse] in time. Source is the address by which the feed is known.
func (r *reading) feed(ctx context.Context, source string, body []byte, address, contentType string) (*document, error) {
	return inTime(ctx, r, source, func(ctx context.Context) (*document, error) {
		return parse(ctx, body, address, contentType)
	})
}

// begin takes one of the places for what goes on. A source has one only: it must not take those of the others.
func (r *reading) begin(source string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy[source] {
		return false
	}
	select {
	case r.goingOn <- struct{}{}:
		r.busy[source] = true
		return true
	default:
		return false
	}
}

func (r *reading) end(source string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.busy, source)
	<-r.goingOn
}

// inTime returns what read returns of a source, or gives it up.
func inTime[T any](ctx context.Context, r *reading, source string, read func(context.Context) (T, error)) (none T, err error) {
	select {
	case r.places <- struct{}{}:
	case <-ctx.Done():
		return none, ctx.Err()
	}
	defer func() { <-r.places }()
	if !r.begin(source) {
		return none, errStillRead
	}
	ctx, cancel := context.WithTimeoutCause(ctx, parseDeadline, errSlow)
	defer cancel()
	var value T
	done := make(chan error, 1)
	go func() {
		var err error
		value, err = read(ctx)
		r.end(source) // First: who gets the answer may read it again at once.
		done <- err
	}()
	select {
	case err := <-done:
		if err != nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return value, err
	case <-ctx.Done():
		return none, context.Cause(ctx)
	}
}
