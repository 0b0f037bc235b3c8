package sqlite

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"zombiezen.com/go/sqlite"
)

func numbered(from, n int) []claimKey {
	claims := make([]claimKey, n)
	for i := range claims {
		claims[i] = claimKey{"rule", fmt.Sprintf("%064x", from+i)}
	}
	return claims
}

// TestFilter adds many claims. All of them must be known, hardly any other, and in few bytes.
func TestFilter(t *testing.T) {
	t.Parallel()
	const n, step = 100_000, 1000
	f := newFilter[claimKey]()
	for i := 0; i < n; i += step {
		f.add(numbered(i, step)...)
	}
	if f.lacks(claimKey{"rule", "unknown"}) {
		t.Error("the filter is not complete and lacks a claim")
	}
	f.setComplete()
	falseHits := 0
	for i := 0; i < n; i += step {
		for _, c := range numbered(i, step/10) {
			if f.lacks(c) {
				t.Fatalf("%v was added and is lacking", c)
			}
		}
		for _, c := range numbered(n+i, step/10) {
			if !f.lacks(c) {
				falseHits++
			}
		}
	}
	if falseHits > n/10/100 {
		t.Errorf("%d false hits among %d unknown claims", falseHits, n/10)
	}
	bytes := 0
	for _, l := range f.layers {
		bytes += 32 * len(l.blocks)
	}
	if bytes > 4*n {
		t.Errorf("%d claims take %d bytes", n, bytes)
	}
}

// TestFilterIsBounded adds more claims than all layers have room for.
func TestFilterIsBounded(t *testing.T) {
	t.Parallel()
	f := newFilter[claimKey]()
	f.layers = []layer{{blocks: make([][8]uint32, lastLayer/keysPerBlock)}}
	f.add(numbered(0, 100)...)
	f.setComplete()
	if len(f.layers) != 1 {
		t.Errorf("%d layers", len(f.layers))
	}
	for _, c := range numbered(0, 100) {
		if f.lacks(c) {
			t.Errorf("%v is lacking", c)
		}
	}
}

// TestSeenReads opens a state of more claims than one slice has. Until all are in the filter, each one is read; then only
// those that it has, of earlier processes and of this one.
func TestSeenReads(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rhea.db")
	synctest.Test(t, func(t *testing.T) {
		l, err := Open(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		const old = 3 * fillSlice
		err = l.writer.submit(t.Context(), func(c *sqlite.Conn) error {
			return exec(c, `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
				INSERT INTO claim (rule, key) SELECT 'rule', 'old ' || i FROM n`, nil, old)
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if l, err = Open(path, Options{}); err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		reads := 0
		count := func(err error) {
			if err != nil {
				t.Error(err)
			}
			reads++
		}
		asks := func(key string, want bool, cost int) {
			t.Helper()
			reads = 0
			if seen, err := l.Seen(t.Context(), "rule", key); err != nil || seen != want {
				t.Errorf("%s was seen: %v, %v", key, seen, err)
			}
			if reads != cost {
				t.Errorf("%s: %d reads, want %d", key, reads, cost)
			}
		}
		synctest.Wait()
		l.note = count // Between two slices nobody else reads.
		asks(fmt.Sprint("old ", old), true, 1)
		asks("unknown", false, 1)
		commit(t, l, "new 1")
		<-time.After(time.Minute)
		<-l.filled
		commit(t, l, "new 2")
		for _, key := range []string{"new 1", "new 2", "old 1", fmt.Sprint("old ", old)} {
			asks(key, true, 1)
		}
		missed := 0
		for i := range 1000 {
			reads = 0
			if seen, err := l.Seen(t.Context(), "rule", fmt.Sprint("unknown ", i)); err != nil || seen {
				t.Errorf("unknown %d was seen: %v, %v", i, seen, err)
			}
			missed += reads
		}
		if missed > 10 {
			t.Errorf("%d of 1000 unknown claims were read", missed)
		}
	})
}

// TestCountedReads opens a state with more counters than one slice has, each with two rows. Only counters that the file
// has are read for, those of earlier processes and of this one.
func TestCountedReads(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rhea.db")
	synctest.Test(t, func(t *testing.T) {
		l, err := Open(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		const old = 3*fillSlice + 1
		err = l.writer.submit(t.Context(), func(c *sqlite.Conn) error {
			for i := range old {
				for at := range 2 {
					if err := storeCounters(c, hashesOf([]string{fmt.Sprint("old ", i)}), time.UnixMilli(int64(at+1))); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err := errors.Join(err, l.Close()); err != nil {
			t.Fatal(err)
		}
		if l, err = Open(path, Options{}); err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		e := owing("new")
		e.Counters = []string{"new", "new"}
		if _, err := l.Commit(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Minute)
		<-l.filled
		missed := 0
		l.note = func(error) { missed++ }
		for i := range old {
			if times, err := l.Counted(t.Context(), fmt.Sprint("old ", i), time.Time{}); err != nil || len(times) != 2 {
				t.Fatalf("old %d has the times %v, %v", i, times, err)
			}
		}
		if times, err := l.Counted(t.Context(), "new", time.Time{}); err != nil || len(times) != 2 {
			t.Errorf("what was committed since has the times %v, %v", times, err)
		}
		missed = 0
		for i := range 1000 {
			if times, err := l.Counted(t.Context(), fmt.Sprint("unknown ", i), time.Time{}); err != nil || times != nil {
				t.Errorf("an unknown counter has the times %v, %v", times, err)
			}
		}
		if missed > 10 {
			t.Errorf("%d of 1000 unknown counters were read for", missed)
		}
	})
}

func commit(t *testing.T, l *Ledger, key string) {
	t.Helper()
	if fresh, err := l.Commit(t.Context(), owing(key)); err != nil || !fresh {
		t.Fatalf("commit of %s = %v, %v", key, fresh, err)
	}
}
