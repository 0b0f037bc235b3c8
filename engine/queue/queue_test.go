package queue_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/gate"
	"rhea/engine/queue"
)

// shelf is a ledger of signals that wait, and a rule that lets them go.
type shelf struct {
	mu   sync.Mutex
	rows []engine.Waiting
	// free is when the limit of an author lets the next one go.
	free map[string]time.Time
	// every is the pause that an answer to an author makes.
	every time.Duration
	// takes is how long a question takes.
	takes time.Duration
	// fails are keys whose release ends with an error.
	fails map[string]error

	released, discarded []string
	last                int64
	read, asked         int
}

func (s *shelf) Waiting(_ context.Context, _ string, behind int64, n int) ([]engine.Waiting, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.read++
	i := slices.IndexFunc(s.rows, func(w engine.Waiting) bool { return w.Number > behind })
	if i < 0 {
		return nil, nil
	}
	return slices.Clone(s.rows[i:min(i+n, len(s.rows))]), nil
}

func (s *shelf) add(t *testing.T, key, author string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t.Helper()
	signal, err := json.Marshal(engine.StoredSignal{Trigger: "mention", At: time.Now(), Event: &nostr.Event{PubKey: author}})
	if err != nil {
		t.Fatal(err)
	}
	s.last++
	s.rows = append(s.rows, engine.Waiting{Number: s.last, Rule: "rule", Key: key, Signal: string(signal)})
}

// take takes a row out. The caller holds the lock, or nothing runs.
func (s *shelf) take(key string) {
	s.rows = slices.DeleteFunc(s.rows, func(w engine.Waiting) bool { return w.Key == key })
}

// upkeep takes a row out while the queue runs.
func (s *shelf) upkeep(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.take(key)
}

func (s *shelf) Held(context.Context) (string, error) { return "", nil }

func (s *shelf) First(w engine.StoredSignal) string { return w.Event.PubKey }

func (s *shelf) Blocking(_ context.Context, w engine.StoredSignal, before map[string]bool) (string, time.Time, error) {
	defer func() { <-time.After(s.takes) }()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	author := w.Event.PubKey
	if before[author] {
		return author, time.Time{}, nil
	}
	if free := s.free[author]; free.After(time.Now()) {
		return author, free, nil
	}
	return "", time.Time{}, nil
}

func (s *shelf) Release(_ context.Context, w engine.Waiting, signal engine.StoredSignal) (*gate.Wait, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fails[w.Key]; err != nil {
		return nil, err
	}
	s.released = append(s.released, w.Key)
	s.take(w.Key)
	s.free[signal.Event.PubKey] = time.Now().Add(s.every)
	return nil, nil
}

func (s *shelf) Discard(_ context.Context, w engine.Waiting, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.discarded = append(s.discarded, w.Key)
	s.take(w.Key)
	return nil
}

// run runs the queue for a while.
func (s *shelf) run(t *testing.T, d time.Duration, waiters *queue.Waiters, meanwhile func(q *queue.Queue)) {
	t.Helper()
	q := queue.New(queue.Options{
		Rule: "rule", Ledger: s, Owner: s, Waiters: waiters, Clock: engine.Clock{}.OnWall(), Log: slog.New(slog.DiscardHandler),
	})
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	if err := q.Load(ctx); err != nil {
		t.Fatal(err)
	}
	if meanwhile != nil {
		go meanwhile(q)
	}
	q.Begin(ctx)
	<-ctx.Done()
	q.End()
	synctest.Wait()
}

// TestOrder lets go what an author's limit allows, in order, and nobody waits for another author.
func TestOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{free: map[string]time.Time{"a": time.Now().Add(time.Hour)}, every: time.Hour}
		for _, row := range []string{"a1", "b1", "a2", "b2", "a3"} {
			s.add(t, row, row[:1])
		}
		waiters := queue.NewWaiters()
		s.run(t, 2*time.Hour+time.Minute, waiters, nil)
		if want := []string{"b1", "a1", "b2", "a2"}; !slices.Equal(s.released, want) {
			t.Errorf("released %v, want %v", s.released, want)
		}
		if all, under := waiters.Count("a"); all != 1 || under != 1 {
			t.Errorf("%d wait, %d of a", all, under)
		}
	})
}

// TestNobodyOvertakes has the limit of an author become free in the middle of a look.
func TestNobodyOvertakes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{free: make(map[string]time.Time), every: time.Hour, takes: time.Second}
		s.add(t, "a1", "a")
		s.add(t, "a2", "a")
		s.free["a"] = time.Now().Add(2500 * time.Millisecond) // Loading asks twice, the first look once before it.
		s.run(t, time.Minute, queue.NewWaiters(), nil)
		if !slices.Equal(s.released, []string{"a1"}) {
			t.Errorf("released %v, want a1", s.released)
		}
	})
}

// TestALookReadsWhatIsDue has five hundred signals wait for one author's limit while other authors come and go: a look
// reads what has come, and of those who wait the first.
func TestALookReadsWhatIsDue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{free: map[string]time.Time{"a": time.Now().Add(30 * time.Minute)}, every: time.Minute}
		for n := range 500 {
			s.add(t, fmt.Sprint("a", n), "a")
		}
		var read, asked int
		s.run(t, 31*time.Minute, queue.NewWaiters(), func(q *queue.Queue) {
			<-time.After(time.Minute)
			s.mu.Lock()
			read, asked = s.read, s.asked
			s.mu.Unlock()
			for n := range 10 {
				key := fmt.Sprint("b", n)
				s.add(t, key, key)
				q.Put(key, key, key, time.Time{})
				<-time.After(10 * time.Second)
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			read, asked = s.read-read, s.asked-asked
		})
		if read > 20 || asked > 20 {
			t.Errorf("ten signals came: %d reads, %d questions", read, asked)
		}
		if len(s.released) != 12 || s.released[10] != "a0" || s.released[11] != "a1" {
			t.Errorf("released %v", s.released)
		}
	})
}

// TestWhatStandsInTheWay has signals that cannot go on: others pass them, and they are tried again.
func TestWhatStandsInTheWay(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"a trigger that cannot be asked": &queue.Stuck{Err: errors.New("away")},
		"a busy machine":                 fmt.Errorf("later: %w", engine.ErrBusy),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &shelf{free: make(map[string]time.Time), fails: map[string]error{"a1": err, "b1": err}}
				for _, row := range []string{"a1", "b1", "c1"} {
					s.add(t, row, row[:1])
				}
				s.run(t, 3*time.Minute, queue.NewWaiters(), func(*queue.Queue) {
					<-time.After(90 * time.Second)
					s.mu.Lock()
					defer s.mu.Unlock()
					delete(s.fails, "b1")
				})
				if want := []string{"c1", "b1"}; !slices.Equal(s.released, want) {
					t.Errorf("released %v, want %v", s.released, want)
				}
			})
		})
	}
}

// TestWhatWasTakenOut frees the places of what somebody else has ended: at once by hand, within the hour by upkeep.
func TestWhatWasTakenOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{free: map[string]time.Time{"a": time.Now().Add(24 * time.Hour)}}
		for n := range 4 {
			s.add(t, fmt.Sprint("a", n), "a")
		}
		s.rows[3].Signal = "{"
		var byHand int
		waiters := queue.NewWaiters()
		s.run(t, 2*time.Hour, waiters, func(q *queue.Queue) {
			<-time.After(time.Minute)
			s.upkeep("a0")
			q.Drop([]string{"a0"})
			<-time.After(time.Second)
			byHand, _ = waiters.Count("a")
			s.upkeep("a1")
		})
		if all, _ := waiters.Count("a"); all != 1 {
			t.Errorf("%d wait, want 1", all)
		}
		if !slices.Equal(s.discarded, []string{"a3"}) || byHand != 2 {
			t.Errorf("discarded %v, %d waited after the drop", s.discarded, byHand)
		}
	})
}

// TestAnEmptyQueueNeedsNobody counts who looks at a queue: nobody while nothing waits, one while something does. What is
// put into it just as the last one goes is not left.
func TestAnEmptyQueueNeedsNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{free: make(map[string]time.Time)}
		s.run(t, time.Hour, queue.NewWaiters(), nil)
		if s.read != 1 {
			t.Errorf("an empty queue was read %d times, want 1", s.read)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		const each = 500
		s := &shelf{free: make(map[string]time.Time)}
		waiters := queue.NewWaiters()
		s.run(t, 3*time.Hour, waiters, func(q *queue.Queue) {
			var putting sync.WaitGroup
			for _, author := range []string{"a", "b", "c"} {
				putting.Go(func() {
					for n := range each {
						key := fmt.Sprint(author, n)
						s.add(t, key, author)
						q.Put(key, author, author, time.Now())
						<-time.After(time.Duration(n%7) * time.Millisecond)
					}
				})
			}
			putting.Wait()
		})
		if all, _ := waiters.Count(""); len(s.released) != 3*each || all != 0 {
			t.Errorf("%d of %d were released, %d wait", len(s.released), 3*each, all)
		}
	})
}
