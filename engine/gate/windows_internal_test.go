package gate

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/ledger/memory"
)

// store stores one entry under a counter, the way the pipeline does.
func (s *windows) store(tb testing.TB, l engine.Ledger, counter, key string) {
	tb.Helper()
	done := s.commit([]string{counter})
	fresh, err := l.Commit(tb.Context(), engine.Entry{Rule: "rule", Key: key, Counters: []string{counter}})
	if err != nil || !fresh {
		tb.Fatal(fresh, err)
	}
	done(true)
}

// count returns how many are counted within an hour.
func (s *windows) count(tb testing.TB, l engine.Claims, counter string) (n int) {
	tb.Helper()
	err := s.with(tb.Context(), l, []span{{counter, time.Hour}}, func(of []*window) { n = of[0].within(time.Time{}, s.clock.Now(), time.Hour) })
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// TestWhatIsCountedIsReadOnce counts commits before, while and after the count is read: each once, and the ledger is asked
// once.
func TestWhatIsCountedIsReadOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		l := &between{Ledger: memory.New()}
		s := newWindows(engine.Clock{}.OnWall())
		s.store(t, l, "c", "before")
		l.happens = func() { asked++; s.store(t, l, "c", "while") }
		if n := s.count(t, l, "c"); n != 2 {
			t.Errorf("%d are counted while one is committed, want 2", n)
		}
		if w := s.kept["c"]; w != nil && w.back > 0 {
			t.Error("what was read while one was committed is kept")
		}
		for i := range 3 {
			s.store(t, l, "c", "after"+strconv.Itoa(i))
			if n := s.count(t, l, "c"); n != 3+i {
				t.Errorf("%d are counted, want %d", n, 3+i)
			}
		}
		l.happens = func() { asked++ }
		if n := s.count(t, l, "c"); n != 5 || asked != 1 {
			t.Errorf("%d are counted, and the ledger was asked %d times", n, asked)
		}
		<-time.After(time.Hour)
		if n := s.count(t, l, "c"); n != 0 || len(s.kept["c"].times) != 5 {
			t.Errorf("%d are counted an hour later", n)
		}
		s.store(t, l, "c", "later")
		if w := s.kept["c"]; len(w.times) != 1 {
			t.Errorf("%d times are kept, want what is looked at", len(w.times))
		}
	})
}

// TestACommitCountsFromItsBeginning has a slow commit count at the time that is stored, so that an explanation from the
// state and the bot name the same end of a limit.
func TestACommitCountsFromItsBeginning(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, s := memory.New(), newWindows(engine.Clock{}.OnWall())
		s.count(t, l, "c")
		begun, done := time.Now(), s.commit([]string{"c"})
		<-time.After(time.Minute)
		done(true)
		if got := s.kept["c"].times; len(got) != 1 || !got[0].Equal(begun) {
			t.Errorf("counted at %v, want %s", got, begun)
		}
	})
}

// TestWhatWasNotStoredDoesNotCount takes back what began.
func TestWhatWasNotStoredDoesNotCount(t *testing.T) {
	t.Parallel()
	l, s := memory.New(), newWindows(engine.Clock{}.OnWall())
	s.count(t, l, "c")
	at := s.begin([]string{"c", "c", "unknown"})
	s.settle([]string{"c", "c", "unknown"}, at, false)
	if n := s.count(t, l, "c"); n != 0 || s.kept["c"].pending != 0 {
		t.Errorf("%d are counted, %d pending", n, s.kept["c"].pending)
	}
	if s.kept["unknown"] != nil {
		t.Error("a count that nobody reads is kept")
	}
}

// TestACountThatCannotBeReadIsNotKept asks again after a fault.
func TestACountThatCannotBeReadIsNotKept(t *testing.T) {
	t.Parallel()
	s := newWindows(engine.Clock{}.OnWall())
	err := s.with(t.Context(), faulty{}, []span{{"c", time.Hour}}, func([]*window) { t.Error("something was counted") })
	if err == nil || len(s.kept) != 0 {
		t.Errorf("error %v, %d kept", err, len(s.kept))
	}
	if n := s.count(t, memory.New(), "c"); n != 0 {
		t.Errorf("%d are counted", n)
	}
}

type faulty struct{ engine.Claims }

func (faulty) Counted(context.Context, string, time.Time) ([]time.Time, error) {
	return nil, errors.New("full")
}

// TestBusiestIsKeptForAMinute counts hours again after a minute only: it walks along everything that was published.
func TestBusiestIsKeptForAMinute(t *testing.T) {
	t.Parallel()
	now := time.Unix(1e9, 0)
	w := &window{back: surgeMemory, times: []time.Time{now.Add(-48 * time.Hour)}}
	for range 10 {
		w.times = append(w.times, now.Add(-3*time.Hour))
	}
	for _, tt := range []struct {
		after time.Duration
		add   int
		want  int
	}{{0, 5, 10}, {59 * time.Second, 0, 10}, {time.Minute, 0, 15}, {-time.Hour, 0, 15}} {
		if most, known := w.busiest(now.Add(tt.after)); !known || most != tt.want {
			t.Errorf("after %s the busiest hour has %d, want %d", tt.after, most, tt.want)
		}
		w.times = append(w.times, slices.Repeat([]time.Time{now.Add(-3 * time.Hour)}, tt.add)...)
		slices.SortFunc(w.times, time.Time.Compare)
	}
}

// empty is a queue in which nobody waits.
type empty struct{ Places }

func (empty) Count(string) (all, under int) { return 0, 0 }

// BenchmarkLimit asks the limit and the flood stop for one more answer, after so many in their windows.
func BenchmarkLimit(b *testing.B) {
	for _, answers := range []int{10, 1000, 50_000} {
		b.Run(strconv.Itoa(answers), func(b *testing.B) {
			l := memory.New()
			r := ruleOn(l, slog.New(slog.DiscardHandler))
			r.facts.places = empty{}
			r.facts.rule.Limit.Rate = []engine.Rate{{Count: 2 * answers, Per: time.Hour}}
			r.facts.rule.FloodStop = []engine.Rate{{Count: 2 * answers, Per: time.Hour}}
			for i := range answers {
				_, err := l.Commit(b.Context(), engine.Entry{
					Rule: "rule", Key: strconv.Itoa(i), Counters: []string{counter("rule", "rate", ""), floodCounter("rule", "rule")},
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				c := &Candidate{Signal: engine.Signal{Key: "item"}, Now: time.Now()}
				if used, err := r.parts().limits.limited(b.Context(), c); err != nil || used.reason != "" {
					b.Fatal(used, err)
				}
				r.parts().limits.ended(c)("")
				got, err := r.Reserve(b.Context(), c, []nostr.Event{{Kind: 1, PubKey: r.facts.pubkey()}}, false)
				if err != nil || got.Verdict.Outcome != Pass {
					b.Fatal(got, err)
				}
				got.Done(false)
			}
		})
	}
}
