package cmd

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
)

// logged runs what logs in a bubble and returns the lines without their times.
func logged(t *testing.T, format string, do func(log *slog.Logger, a *app)) []string {
	t.Helper()
	var out strings.Builder
	a := newApp(Streams{Out: &out, Err: &out, LookupEnv: func(string) (string, bool) { return "", false }}, engine.Kinds{})
	a.logFormat, a.logLevel = format, "debug"
	log, err := a.logger()
	if err != nil {
		t.Fatal(err)
	}
	do(log, a)
	a.repeats.end()
	var lines []string
	for line := range strings.Lines(out.String()) {
		if format == "text" {
			line = line[len("2000-01-01 00:00:00 "):]
		}
		lines = append(lines, strings.TrimSuffix(line, "\n"))
	}
	return lines
}

func id(n int) string { return fmt.Sprintf("%064x", n) }

// TestLogRepeats: the first of lines that are alike is told, those after it as one a minute.
func TestLogRepeats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		got := logged(t, "text", func(log *slog.Logger, _ *app) {
			relay := log.With("relay", "wss://one.example")
			for i := range 38 {
				relay.Warn("rejected", "event", id(i), "attempt", i, "reason", "blocked: no")
			}
			relay.Warn("rejected", "event", id(1), "attempt", 1, "reason", "pow: 20 bits") // Another reason.
			log.With("relay", "wss://two.example").Warn("rejected", "event", id(1), "attempt", 1, "reason", "blocked: no")
			for i := range 3 {
				log.Info("fired", "signal", id(i)) // What the bot has done is never left out.
				log.Debug("again", "n", 1)
			}
			relay.Info("relay connected")
			relay.Info("relay connected")
			log.Warn("SIGHUP is ignored")
			log.Warn("SIGHUP is ignored") // The operator gets an answer each time.
			<-time.After(repeatsEvery + time.Second)
			relay.Warn("rejected", "event", id(99), "attempt", 2, "reason", "blocked: no") // Counted until a minute is silent.
			<-time.After(repeatsEvery)
			<-time.After(repeatsEvery)
			relay.Warn("rejected", "event", id(7), "attempt", 3, "reason", "blocked: no")
			relay.Warn("rejected", "event", id(8), "attempt", 3, "reason", "blocked: no")
		})
		want := []string{
			`WRN rejected relay=wss://one.example event=00000000… attempt=0 reason="blocked: no"`,
			`WRN rejected relay=wss://one.example event=00000000… attempt=1 reason="pow: 20 bits"`,
			`WRN rejected relay=wss://two.example event=00000000… attempt=1 reason="blocked: no"`,
			`INF fired signal=00000000…`, `DBG again n=1`, `INF fired signal=00000000…`, `DBG again n=1`, `INF fired signal=00000000…`, `DBG again n=1`,
			`INF relay connected relay=wss://one.example`, `WRN SIGHUP is ignored`, `WRN SIGHUP is ignored`,
			`WRN rejected relay=wss://one.example event=00000000… attempt=37 reason="blocked: no" more=37`,
			`INF relay connected relay=wss://one.example more=1`,
			`WRN rejected relay=wss://one.example event=00000000… attempt=2 reason="blocked: no" more=1`,
			`WRN rejected relay=wss://one.example event=00000000… attempt=3 reason="blocked: no"`,
			`WRN rejected relay=wss://one.example event=00000000… attempt=3 reason="blocked: no" more=1`,
		}
		slices.Sort(got) // Timers of one minute end in any order.
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("the log is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// TestLogRepeatsAreBounded has a crowd of lines, each of its own kind: all are told, and few are remembered.
func TestLogRepeatsAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		got := logged(t, "text", func(log *slog.Logger, a *app) {
			for i := range 10_000 {
				log.Info("said", "text", id(i)+strings.Repeat("x", 5000))
			}
			if n := len(a.repeats.open); n > maxRepeats {
				t.Errorf("%d lines are remembered", n)
			}
			for kind := range a.repeats.open {
				if len(kind) > longestKind {
					t.Errorf("%d bytes of a line are remembered", len(kind))
				}
			}
		})
		if len(got) != 10_000 {
			t.Errorf("%d lines were told", len(got))
		}
	})
}

// TestLogIDs: people see how ids begin, programs all of them.
func TestLogIDs(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{
		"text": `INF made deadbeef… signal=deadbeef… events="[deadbeef… deadbeef…]" error="no such event: deadbeef…!" other=` + strings.Repeat("deadbeef", 9),
		"json": strings.Repeat("deadbeef", 8) + `","signal":"` + strings.Repeat("deadbeef", 8) + `"`,
	} {
		synctest.Test(t, func(t *testing.T) {
			key := strings.Repeat("deadbeef", 8)
			got := logged(t, format, func(log *slog.Logger, _ *app) {
				log.Info("made "+key, "signal", key, "events", []string{key, key}, "error", errors.New("no such event: "+key+"!"), "other", key+"deadbeef")
			})
			if len(got) != 1 || !strings.Contains(got[0], want) {
				t.Errorf("%s: the log is %q, want %s", format, got, want)
			}
		})
	}
}
