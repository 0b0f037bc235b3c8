package feed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// What a feed may hold to be read at all. A real feed of 10 MB has a tenth of it; these bound the memory that a document
// takes when it is read.
const (
	maxDepth      = 500     // Elements inside each other; a real feed has ten.
	maxElements   = 500_000 // XML elements.
	maxAttributes = 500_000
	maxValues     = 500_000 // JSON values.
)

// parseDeadline is how long the reading of one document may take.
const parseDeadline = 1500 * time.Millisecond

// errSlow is the error for a document that takes longer.
var errSlow = fmt.Errorf("unreadable feed: reading it takes more than %s", parseDeadline)

// checkSize says what a document has too much of. A stack that overflows cannot be recovered from, nor can memory that
// is gone. It counts more than it must in odd markup, never less.
func checkSize(body []byte) error {
	if bytes.HasPrefix(body, []byte("{")) {
		if jsonValues(body) > maxValues {
			return fmt.Errorf("unreadable feed: more than %d values", maxValues)
		}
		return nil
	}
	m := markup{rest: body}
	for m.next() {
		switch {
		case m.depth > maxDepth:
			return fmt.Errorf("unreadable feed: elements more than %d deep", maxDepth)
		case m.elements > maxElements:
			return fmt.Errorf("unreadable feed: more than %d elements", maxElements)
		case m.attributes > maxAttributes:
			return fmt.Errorf("unreadable feed: more than %d attributes", maxAttributes)
		}
	}
	return nil
}

// markup is walked through from tag to tag; every byte is looked at a few times at most.
type markup struct {
	rest                        []byte
	depth, elements, attributes int
}

// next counts one more tag. It reports whether there was one.
func (m *markup) next() bool {
	i := bytes.IndexByte(m.rest, '<')
	if i < 0 || i+1 >= len(m.rest) {
		return false
	}
	m.rest = m.rest[i+1:]
	switch {
	case bytes.HasPrefix(m.rest, []byte("![CDATA[")):
		m.rest = after(m.rest, "]]>")
	case bytes.HasPrefix(m.rest, []byte("!--")):
		m.rest = after(m.rest, "-->")
	case m.rest[0] == '!' || m.rest[0] == '?':
	case m.rest[0] == '/':
		m.depth = max(m.depth-1, 0)
	default:
		// A tag ends before the next one begins; one that does not is open.
		tag := m.rest
		if next := bytes.IndexByte(tag, '<'); next >= 0 {
			tag = tag[:next]
		}
		m.elements++
		m.attributes += bytes.Count(tag, []byte("="))
		if end := bytes.IndexByte(tag, '>'); end <= 0 || tag[end-1] != '/' {
			m.depth++
		}
	}
	return true
}

func after(body []byte, mark string) []byte {
	_, rest, _ := bytes.Cut(body, []byte(mark))
	return rest
}

// jsonValues counts what can become a value of its own: what stands behind a comma or an opening bracket.
func jsonValues(body []byte) (n int) {
	for text := false; len(body) > 0; body = body[1:] {
		switch c := body[0]; {
		case text && c == '\\' && len(body) > 1:
			body = body[1:]
		case c == '"':
			text = !text
		case !text && (c == ',' || c == '{' || c == '['):
			n++
		}
	}
	return n
}

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

// patient is a document that can be read until ctx ends: the parser takes no context, but asks for one piece at a time.
type patient struct {
	ctx  context.Context
	rest io.Reader
}

func (p *patient) Read(b []byte) (int, error) {
	if err := context.Cause(p.ctx); err != nil {
		return 0, err
	}
	return p.rest.Read(b[:min(len(b), 4096)])
}
