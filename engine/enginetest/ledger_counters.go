package enginetest

import (
	"fmt"
	"strconv"
	"time"

	"rhea/engine"
)

func marksByTime(b *bench) {
	l := b.open()
	start := time.Now()
	for i := range 5 {
		b.commit(l, engine.Entry{Rule: "r", Key: strconv.Itoa(i), Counters: []string{"a", fmt.Sprintf("b%d", i%2)}}, true)
		<-time.After(time.Minute)
	}
	// An entry that is not fresh leaves no counter.
	b.commit(l, engine.Entry{Rule: "r", Key: "0", Counters: []string{"a"}}, false)
	for _, c := range []struct {
		counter string
		after   time.Time
		want    int
	}{
		{"a", start.Add(-time.Second), 5},
		{"a", start.Add(150 * time.Second), 2},
		{"a", time.Now(), 0},
		{"b0", start.Add(-time.Second), 3},
		{"b1", start.Add(-time.Second), 2},
		{"none", start.Add(-time.Second), 0},
	} {
		times, err := l.Counted(b.Context(), c.counter, c.after)
		if err != nil || len(times) != c.want {
			b.Errorf("Counted(%s, %s) = %v, %v; want %d", c.counter, c.after, times, err, c.want)
		}
		for _, at := range times {
			if !at.After(c.after.Truncate(time.Millisecond)) || at.After(time.Now()) {
				b.Errorf("Counted(%s, %s) holds %s", c.counter, c.after, at)
			}
		}
	}
}

func marksSurvive(b *bench) {
	l := b.open()
	start := time.Now().Add(-time.Second)
	b.commit(l, engine.Entry{Rule: "r", Key: "k", Counters: []string{"a"}}, true)
	if times, err := b.crash().Counted(b.Context(), "a", start); err != nil || len(times) != 1 {
		b.Errorf("after a crash Times = %v, %v; want one", times, err)
	}
}

func marksAtOnce(b *bench) {
	l := b.open()
	start := time.Now().Add(-time.Second)
	b.commit(l, engine.Entry{Rule: "r", Key: "k", Counters: []string{"a", "a", "b"}}, true)
	b.commit(l, engine.Entry{Rule: "other", Key: "k", Counters: []string{"a"}}, true)
	if times, err := l.Counted(b.Context(), "a", start); err != nil || len(times) != 3 {
		b.Errorf("Times = %v, %v; want three of one instant", times, err)
	}
}
