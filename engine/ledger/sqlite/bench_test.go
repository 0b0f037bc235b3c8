package sqlite_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/ledger/sqlite"
)

// BenchmarkFsync appends an entry's worth of bytes to a file and syncs it: the limit of this disk, against which the
// others must be read.
func BenchmarkFsync(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "raw"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	record := make([]byte, 1024)
	for b.Loop() {
		if _, err := f.Write(record); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCommit commits a claim, a position, an event, two deliveries and a decision, from so many goroutines, which
// do nothing else or have some work of their own before each commit, as a bot has.
func BenchmarkCommit(b *testing.B) {
	for _, c := range []struct {
		name    string
		callers int
		work    []byte
	}{
		{"callers=1", 1, nil},
		{"callers=64", 64, nil},
		{"callers=64 at work", 64, make([]byte, 128<<10)},
	} {
		b.Run(c.name, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "rhea.db")
			l := openBench(b, path)
			var next atomic.Int64
			took := make([][]time.Duration, c.callers)
			b.ResetTimer()
			before := effort(b, path)
			var all sync.WaitGroup
			for i := range c.callers {
				all.Go(func() {
					for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
						sha256.Sum256(c.work)
						start := time.Now()
						if _, err := l.Commit(b.Context(), job(n)); err != nil {
							b.Error(err)
							return
						}
						took[i] = append(took[i], time.Since(start))
					}
				})
			}
			all.Wait()
			b.StopTimer()
			after := effort(b, path)
			sorted := slices.Concat(took...)
			slices.Sort(sorted)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
			b.ReportMetric(float64(sorted[len(sorted)*99/100].Microseconds())/1000, "p99-ms")
			for unit, n := range after {
				b.ReportMetric((n-before[unit])/float64(b.N), unit+"/commit")
			}
			b.ReportMetric(float64(b.N)/(after["transactions"]-before["transactions"]), "commits/transaction")
		})
	}
}

// effort is what this process and the state file have cost so far, as far as this system tells.
func effort(b *testing.B, path string) map[string]float64 {
	b.Helper()
	index, err := os.ReadFile(path + "-shm")
	if err != nil {
		b.Fatal(err)
	}
	// The header of the index of the log counts the transactions (https://www.sqlite.org/walformat.html).
	all := map[string]float64{"transactions": float64(binary.NativeEndian.Uint32(index[8:]))}
	if text, err := os.ReadFile("/proc/self/io"); err == nil {
		var n float64
		for line := range strings.Lines(string(text)) {
			if _, err := fmt.Sscanf(line, "wchar: %g", &n); err == nil {
				all["written-B"] = n
			}
			if _, err := fmt.Sscanf(line, "syscw: %g", &n); err == nil {
				all["writes"] = n
			}
		}
	}
	if text, err := os.ReadFile("/proc/self/stat"); err == nil {
		_, rest, _ := strings.Cut(string(text), ") ")
		var user, system float64
		fields := strings.Fields(rest)
		if _, err := fmt.Sscan(strings.Join(fields[11:13], " "), &user, &system); err == nil {
			all["cpu-µs"] = (user + system) * 10_000
		}
	}
	return all
}

// BenchmarkSeen asks for claims among 100,000, and for unknown ones, as nearly all are that a relay brings.
func BenchmarkSeen(b *testing.B) {
	l := openBench(b, filepath.Join(b.TempDir(), "rhea.db"))
	const claims = 100_000
	var all sync.WaitGroup
	var next atomic.Int64
	for range 256 {
		all.Go(func() {
			for n := next.Add(1); n <= claims; n = next.Add(1) {
				e := job(n)
				e.Deliveries = nil
				if _, err := l.Commit(b.Context(), e); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	for name, want := range map[string]bool{"known": true, "unknown": false} {
		b.Run(name, func(b *testing.B) {
			n := int64(0)
			for b.Loop() {
				n++
				k := key(n%claims + 1)
				if !want {
					k = key(claims + n)
				}
				if seen, err := l.Seen(b.Context(), "rule", k); err != nil || seen != want {
					b.Fatalf("seen %s = %v, %v", k, seen, err)
				}
			}
		})
	}
}

// BenchmarkDrain delivers what is owed to eight relays that accept at once.
func BenchmarkDrain(b *testing.B) {
	l := openBench(b, filepath.Join(b.TempDir(), "rhea.db"))
	var all sync.WaitGroup
	var next atomic.Int64
	for range 64 {
		all.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				e := job(n)
				e.Deliveries = e.Deliveries[:1]
				e.Deliveries[0].Relay = fmt.Sprintf("wss://%d.example", n%8)
				if _, err := l.Commit(b.Context(), e); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	ctx, cancel := context.WithCancel(b.Context())
	var delivered atomic.Int64
	b.ResetTimer()
	err := l.Drain(ctx, nil, func(context.Context, engine.Delivery, func()) engine.Settlement {
		if delivered.Add(1) == int64(b.N) {
			cancel()
		}
		return engine.Settlement{State: engine.Accepted}
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "deliveries/s")
}

func openBench(b *testing.B, path string) *sqlite.Ledger {
	b.Helper()
	l, err := sqlite.Open(path, sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { closeOnce(b, l) })
	return l
}

// key spreads like the ids of events do.
func key(n int64) string { return fmt.Sprintf("%016x%048x", uint64(n)*0x9E3779B97F4A7C15, n) }

// job is an entry as a reply makes it.
func job(n int64) engine.Entry {
	now := time.Now()
	event := nostr.Event{
		ID: key(n), PubKey: key(7), CreatedAt: nostr.Timestamp(now.Unix()), Kind: 1, Sig: key(8) + key(9),
		Tags: nostr.Tags{{"e", key(n + 1), "wss://a.example", "root"}, {"p", key(7)}}, Content: "hello " + key(n),
	}
	e := engine.Entry{
		Rule: "rule", Key: key(n), Keep: 30 * 24 * time.Hour, Position: &engine.Position{Stream: "s", Value: fmt.Sprint(n)},
		Decision: engine.Decision{
			At: now, Rule: "rule", Key: key(n), Outcome: engine.Fired, Published: []string{event.ID},
			Gates: []engine.Verdict{{Gate: "age", Pass: true}, {Gate: "self", Pass: true}, {Gate: "condition", Pass: true}},
		},
	}
	for _, relay := range []string{"wss://a.example", "wss://b.example"} {
		e.Deliveries = append(e.Deliveries, engine.Delivery{
			Rule: "rule", Event: event, Relay: relay, Quorum: 1, Committed: now,
			Retry: engine.Retry{Initial: 2 * time.Second, Max: 5 * time.Minute, MaxElapsed: 24 * time.Hour},
		})
	}
	return e
}
