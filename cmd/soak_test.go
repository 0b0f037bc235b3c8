package cmd_test

import (
	"bytes"
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"rhea/cmd"
)

// TestSoak runs a bot among relays that misbehave in every way that relaytest knows and whose connections break at
// random, for as long as RHEA_SOAK says, such as 10m; without it there is nothing to do. Now and then the bot is
// interrupted and started again. It ends with every honest mention answered exactly once, no forged one answered, and
// goroutines and memory where they were.
func TestSoak(t *testing.T) {
	span := soakSpan(t)
	if span == 0 {
		return
	}
	signal.Stop(hangups()) // The goroutine that the runtime starts for the first signal that is asked for stays.
	goroutines, heap := runtime.NumGoroutine(), heapMB()
	t.Run("among bad relays", func(t *testing.T) { soak(t, span) })
	deadline := time.After(20 * time.Second)
	for runtime.NumGoroutine() > goroutines {
		select {
		case <-deadline:
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), goroutines, stacks[:runtime.Stack(stacks, true)])
		case <-time.After(100 * time.Millisecond):
		}
	}
	after := heapMB()
	t.Logf("goroutines %d before, %d after; heap %.1f MB before, %.1f MB after", goroutines, runtime.NumGoroutine(), heap, after)
	if after > heap+8 {
		t.Errorf("the heap holds %.1f MB, %.1f MB before", after, heap)
	}
}

// hangups asks for signals, as a bot does.
func hangups() chan<- os.Signal {
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt)
	return c
}

func heapMB() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

func soak(t *testing.T, span time.Duration) {
	w := newSoakWorld(t)
	var said bytes.Buffer
	run := func() (stop func()) {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan int, 1)
		go func() {
			args := []string{"run", "-c", filepath.Join(w.dir, "bot.yaml"), "--log-level", "warn", "--drain", "3s"}
			ended <- cmd.Run(ctx, args, cmd.Streams{
				In: strings.NewReader(""), Out: &said, Err: &said,
				LookupEnv: func(name string) (string, bool) { return botSecret, name == "BOT_NSEC" },
			}, kinds())
		}()
		return func() {
			cancel()
			if code := <-ended; code != 0 {
				t.Errorf("the bot ended with %d", code)
			}
		}
	}
	stop := run()
	w.honest.Await("REQ", 1)
	lives := 1
	w.run(t, span, time.Minute, func() {
		stop()
		if lives%2 == 1 {
			w.backlog(t)
		}
		stop = run()
		lives++
	})
	w.wait(t)
	stop()
	w.check(t)
	t.Logf("%d lives", lives)
	if t.Failed() {
		t.Logf("the end of the log:\n%s", said.Bytes()[max(0, said.Len()-8000):])
	}
}
