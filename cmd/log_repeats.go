package cmd

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"rhea/cmd/screen"
)

const (
	// repeatsEvery is how often lines that are alike are told again, as one.
	repeatsEvery = time.Minute
	// maxRepeats is how many lines are compared with at a time. Beyond that every line is told.
	maxRepeats = 256
	// longestKind is how many bytes of a line are compared.
	longestKind = 1024
)

// repeats are the lines that were told within the last minute. Of those that are alike the first is told at once, and the
// last one after a minute, with how many there were more.
type repeats struct {
	mu   sync.Mutex
	open map[string]*repeated
}

// repeated is a line that was told, and the last one that is like it.
type repeated struct {
	more  int
	last  slog.Record
	to    slog.Handler
	timer *time.Timer
}

// calm is a handler that tells lines that are alike once a minute.
type calm struct {
	slog.Handler
	repeats *repeats
	// with is what all lines of the logger say.
	with string
}

// WithAttrs implements [slog.Handler].
func (h calm) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := []string{h.with}
	for _, a := range attrs {
		with = append(with, a.String())
	}
	return calm{h.Handler.WithAttrs(attrs), h.repeats, strings.Join(with, " ")}
}

// WithGroup implements [slog.Handler].
func (h calm) WithGroup(name string) slog.Handler {
	return calm{h.Handler.WithGroup(name), h.repeats, h.with + " " + name + "."}
}

// Handle implements [slog.Handler].
func (h calm) Handle(ctx context.Context, r slog.Record) error {
	// What is about nothing in particular answers the operator.
	about := r.NumAttrs() > 0 || h.with != ""
	if about && r.Level >= slog.LevelInfo && !h.repeats.isNew(h.kind(r), r, h.Handler) {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

// kind is what lines must have in common to be alike: all they say, and of warnings and errors all but numbers and ids.
func (h calm) kind(r slog.Record) string {
	var b strings.Builder
	b.WriteString(r.Level.String() + " " + r.Message + h.with)
	r.Attrs(func(a slog.Attr) bool {
		b.WriteString(" " + a.String())
		return b.Len() < longestKind
	})
	kind := b.String()
	kind = kind[:min(len(kind), longestKind)]
	if r.Level >= slog.LevelWarn {
		kind = withoutNumbers(kind)
	}
	return kind
}

// withoutNumbers leaves out digits, and whole ids with their letters: warnings that differ in nothing else are alike.
func withoutNumbers(s string) string {
	s = screen.ReplaceIDs(s, func(string) string { return "" })
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return -1
		}
		return r
	}, s)
}

// isNew reports whether a line is to be told now; otherwise it is counted.
func (s *repeats) isNew(kind string, r slog.Record, to slog.Handler) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at := s.open[kind]; at != nil {
		at.more++
		at.last, at.to = r.Clone(), to
		return false
	}
	if len(s.open) >= maxRepeats {
		return true
	}
	if s.open == nil {
		s.open = make(map[string]*repeated)
	}
	s.open[kind] = &repeated{timer: time.AfterFunc(repeatsEvery, func() { s.sum(kind) })}
	return true
}

// sum tells what came of a kind since the last minute.
func (s *repeats) sum(kind string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.open[kind]
	if at == nil {
		return
	}
	if at.more == 0 {
		delete(s.open, kind)
		return
	}
	at.tell()
	at.timer.Reset(repeatsEvery)
}

// tell tells the last line, and for how many it stands beside the first. The lock is held.
func (r *repeated) tell() {
	r.last.Time = time.Now()
	r.last.AddAttrs(slog.Int("more", r.more))
	_ = r.to.Handle(context.Background(), r.last) // There is nobody to tell.
	r.more, r.last, r.to = 0, slog.Record{}, nil
}

// end tells what is still counted.
func (s *repeats) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for kind, at := range s.open {
		at.timer.Stop()
		if at.more > 0 {
			at.tell()
		}
		delete(s.open, kind)
	}
}
