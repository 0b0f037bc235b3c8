package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"rhea/engine"
	"rhea/engine/ledger/sqlite"
)

// victimState names the state file of the process that is going to be killed.
const victimState = "RHEA_TEST_VICTIM_STATE"

const victimKeys = 2000

// TestVictim is the other side of TestKill: it commits the same keys from the beginning, tells which ones are safe and
// which are delivered, and waits to be killed.
func TestVictim(t *testing.T) {
	path := os.Getenv(victimState)
	if path == "" {
		return
	}
	l, err := sqlite.Open(path, sqlite.Options{})
	if err != nil {
		fmt.Println("fault", err)
		return
	}
	go func() {
		fmt.Println("fault", l.Drain(t.Context(), nil, func(_ context.Context, d engine.Delivery, _ func()) engine.Settlement {
			fmt.Println("delivered", d.Event.Content)
			return engine.Settlement{State: engine.Accepted}
		}))
	}()
	var next atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for n := next.Add(1); n <= victimKeys; n = next.Add(1) {
				e := job(n)
				e.Deliveries = e.Deliveries[:1]
				e.Deliveries[0].Event.Content = key(n)
				switch fresh, err := l.Commit(t.Context(), e); {
				case err != nil:
					fmt.Println("fault", err)
				case fresh:
					fmt.Println("fresh", key(n))
				default:
					fmt.Println("known", key(n))
				}
			}
		})
	}
	all.Wait()
	fmt.Println("end")
	<-t.Context().Done()
}

// TestKill kills a process with SIGKILL again and again while it commits and delivers. What it had acknowledged must
// be there, once, and the next process must be able to go on.
func TestKill(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rhea.db")
	acknowledged := make(map[string]bool)
	for round := range 30 {
		for _, k := range killed(t, path, rand.IntN(120*(round+1))) {
			if acknowledged[k] {
				t.Errorf("round %d: %s was acknowledged as fresh twice", round, k)
			}
			acknowledged[k] = true
		}
	}
	l, err := sqlite.Open(path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer closeOnce(t, l)
	for k := range acknowledged {
		if seen, err := l.Seen(t.Context(), "rule", k); err != nil || !seen {
			t.Errorf("%s was acknowledged and is not known: %v, %v", k, seen, err)
		}
	}
	stored := make(map[string]int)
	for d, err := range l.Deliveries(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		stored[d.Event.Content]++
	}
	for k := range acknowledged {
		if stored[k] != 1 {
			t.Errorf("%s was acknowledged and is stored %d times", k, stored[k])
		}
	}
	for k, n := range stored {
		if seen, err := l.Seen(t.Context(), "rule", k); n != 1 || err != nil || !seen {
			t.Errorf("%s is stored %d times, known %v, %v", k, n, seen, err)
		}
	}
	t.Logf("%d keys acknowledged", len(acknowledged))
}

// killed runs a victim, kills it after so many lines and returns the keys it acknowledged.
func killed(t *testing.T, path string, after int) (fresh []string) {
	t.Helper()
	victim := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestVictim$")
	victim.Env = append(os.Environ(), victimState+"="+path)
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	// Lines that were written before the kill count, also those that are read after it.
	lines := bufio.NewReader(out)
	for n := 0; ; n++ {
		if n == after {
			if err := victim.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
		line, err := lines.ReadString('\n')
		if err != nil {
			if err != io.EOF {
				t.Fatal(err)
			}
			break
		}
		word, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch word {
		case "fresh":
			fresh = append(fresh, rest)
		case "fault":
			t.Errorf("victim: %s", rest)
		case "end":
			after = n + 1
		}
	}
	if err := victim.Wait(); err == nil {
		t.Error("the victim ended by itself")
	}
	return fresh
}
