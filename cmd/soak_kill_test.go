//go:build unix

package cmd_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestSoakKilled is TestSoak with a bot that is a process of its own: it is killed at random in the first half, and has
// to live through the second. It ends with every honest mention answered exactly once, and with the goroutines and the
// memory of a bot that has just begun.
func TestSoakKilled(t *testing.T) {
	span := soakSpan(t)
	if span == 0 {
		return
	}
	w := newSoakWorld(t)
	t.Setenv("GODEBUG", "gctrace=1") // The bot's log tells its live heap.
	bot := start(t, t.Context(), w.dir, "run", "--log-level", "warn")
	w.honest.Await("REQ", 1)
	w.run(t, 20*time.Second, time.Hour, nil)
	memory, goroutines := residentMB(bot.Process.Pid), goroutinesAtEnd(t, bot, w.dir)

	bot = start(t, t.Context(), w.dir, "run", "--log-level", "warn")
	kills := 0
	w.run(t, span/2, 15*time.Second, func() {
		if err := bot.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = bot.Wait() // It was killed.
		if kills%5 == 0 {
			w.backlog(t)
		}
		bot = start(t, t.Context(), w.dir, "run", "--log-level", "warn")
		kills++
	})
	for range 10 {
		w.run(t, span/20, time.Hour, nil)
		t.Logf("%.1f MB resident, %s MB of heap alive", residentMB(bot.Process.Pid), liveHeap(t, w.dir))
	}
	w.wait(t)
	memoryAfter, goroutinesAfter := residentMB(bot.Process.Pid), goroutinesAtEnd(t, bot, w.dir)
	w.check(t)
	t.Logf("%d kills; goroutines %d at first, %d at last; %.1f MB at first, %.1f MB at last", kills, goroutines, goroutinesAfter, memory, memoryAfter)
	if goroutinesAfter > goroutines+20 {
		t.Errorf("%d goroutines at last, %d at first", goroutinesAfter, goroutines)
	}
	if memoryAfter > memory*1.5+8 {
		t.Errorf("%.1f MB at last, %.1f MB at first", memoryAfter, memory)
	}
}

// goroutinesAtEnd ends a bot in the way in which the runtime says what it was doing, and counts.
func goroutinesAtEnd(t *testing.T, bot *exec.Cmd, dir string) int {
	t.Helper()
	log := filepath.Join(dir, "log")
	before, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if err := bot.Process.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	_ = bot.Wait() // It was ended.
	after, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	stacks := after[len(before):]
	if len(stacks) == 0 {
		t.Fatal("the bot has not said what it was doing")
	}
	return bytes.Count(stacks, []byte("\ngoroutine "))
}
