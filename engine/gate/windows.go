package gate

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"rhea/engine"
)

// maxWindows is how many counts are kept: strangers may cause one for each of them, or for each derived identity.
const maxWindows = 4096

// windows keeps in memory what is counted: each count is read from the ledger once, because one process writes a ledger.
type windows struct {
	clock engine.Clock

	mu   sync.Mutex
	kept map[string]*window
	// entered are those under each counter that are on their way to the commit.
	entered places
}

func newWindows(clock engine.Clock) *windows {
	return &windows{clock: clock, kept: make(map[string]*window), entered: make(places)}
}

// with calls do under the lock with the counts of some spans, in their order. Nothing is read from the ledger under the
// lock.
func (s *windows) with(ctx context.Context, l engine.Claims, spans []span, do func([]*window)) error {
	var own map[string]*window // For this call only: commits under these counters are on their way.
	for {
		s.mu.Lock()
		found := s.find(spans, own)
		if len(found) == len(spans) {
			defer s.mu.Unlock()
			do(found)
			return nil
		}
		s.mu.Unlock()
		of := spans[len(found)]
		w, err := s.learn(ctx, l, of)
		if err != nil {
			return err
		}
		if w != nil {
			if own == nil {
				own = make(map[string]*window)
			}
			own[of.counter] = w
		}
	}
}

// find returns the counts of spans, up to the first one that is not known. The lock is held.
func (s *windows) find(spans []span, own map[string]*window) []*window {
	found := make([]*window, 0, len(spans))
	for _, of := range spans {
		w := s.kept[of.counter]
		if w == nil || w.back < of.back {
			w = own[of.counter]
		}
		if w == nil {
			break
		}
		found = append(found, w)
	}
	return found
}

// learn reads a count. It is kept, unless a commit under the counter came between: then it is returned.
func (s *windows) learn(ctx context.Context, l engine.Claims, of span) (own *window, err error) {
	s.mu.Lock()
	w := s.slot(of.counter)
	begun := w.begun
	w.readers++
	s.mu.Unlock()
	now := s.clock.Now()
	times, err := counted(ctx, l, of.counter, now.Add(-of.back), now)
	s.mu.Lock()
	defer s.mu.Unlock()
	w.readers--
	switch {
	case err != nil:
		s.forgetUnknown(of.counter)
		return nil, fmt.Errorf("counting %s: %w", of.counter, err)
	case w.pending > 0 || w.begun != begun:
		return &window{times: times, back: of.back}, nil
	}
	w.times, w.back = times, of.back
	return nil, nil
}

// slot returns the window of a counter, an unknown one if none is kept. The lock is held.
func (s *windows) slot(counter string) *window {
	w := s.kept[counter]
	if w != nil {
		return w
	}
	if len(s.kept) >= maxWindows {
		maps.DeleteFunc(s.kept, func(_ string, w *window) bool { return w.pending == 0 && w.readers == 0 })
	}
	w = new(window)
	s.kept[counter] = w
	return w
}

// forgetUnknown drops a window that nobody has read and nobody needs. The lock is held.
func (s *windows) forgetUnknown(counter string) {
	if w := s.kept[counter]; w.back == 0 && w.pending == 0 && w.readers == 0 {
		delete(s.kept, counter)
	}
}

// begin notes commits that are on their way, one for each time a counter is named, and returns the time they count at: the
// one that is stored, as far as can be told. The lock is held.
func (s *windows) begin(counters []string) (at time.Time) {
	for _, c := range counters {
		w := s.slot(c)
		w.pending++
		w.begun++
	}
	return s.clock.Now()
}

// commit notes commits that are on their way. done says whether they were stored.
func (s *windows) commit(counters []string) (done func(committed bool)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.begin(counters)
	return func(committed bool) { s.settle(counters, at, committed) }
}

// leave gives back places, after what was stored is counted.
func (s *windows) leave(counters []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entered.leave(counters)
}

// settle ends what has begun at a time: what was committed counts.
func (s *windows) settle(counters []string, at time.Time, committed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range counters {
		w := s.kept[c]
		w.pending--
		if committed && w.back > 0 {
			w.add(at)
		}
		s.forgetUnknown(c)
	}
}
