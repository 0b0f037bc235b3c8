package bot_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
)

// page is a log that is read while it is written.
type page struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (p *page) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *page) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

var moreLike = regexp.MustCompile(` more=(\d+)`)

// TestWhatWasThereBeforeIsTold starts a rule on relays that hold old events and one new: the log says that the old ones
// are not answered, and why, in two lines for each relay.
func TestWhatWasThereBeforeIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var signals []engine.Signal
		for n := range 300 {
			s := eventSignal(note(t, strangerKey, fmt.Sprint("old ", n), time.Now().Add(-time.Hour)), fine)
			s.Backlog, s.Relay = true, fmt.Sprintf("wss://%d.example", n%2)
			signals = append(signals, s)
		}
		b := newBench(append(signals, said(t, 0, "new"))...)
		var log page
		b.log = slog.New(slog.NewTextHandler(&log, nil))
		b.run(t, 10*time.Minute)
		text := log.String()
		if strings.Count(text, "msg=too_old") != 4 || strings.Count(text, "was there before the rule first ran") != 4 ||
			strings.Count(text, "more=149") != 2 || strings.Count(text, "msg=fired") != 1 {
			t.Errorf("the log says:\n%s", text)
		}
	})
}

// TestStrangersCannotFillTheLog sends ten events a second for ten minutes that are forged, or that the condition fails
// on: the first is told in full, the others as one line a minute, and every one is in the history.
func TestStrangersCannotFillTheLog(t *testing.T) {
	t.Parallel()
	forged := func() error { return errors.New("not signed by its author") }
	for outcome, verify := range map[engine.Outcome]func() error{engine.BadSignature: forged, engine.ConditionError: fine} {
		t.Run(string(outcome), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const all = 6000
				b := newBench()
				var log page
				b.log = slog.New(slog.NewTextHandler(&log, nil))
				b.script.then = func(ctx context.Context, in engine.Intake) {
					for n := range all {
						e := note(t, strangerKey, fmt.Sprint("hello ", n), time.Now())
						if err := in.Emit(ctx, eventSignal(e, verify)); err != nil {
							t.Error(err)
						}
						if n == 0 && strings.Count(log.String(), e.ID) != 1 {
							t.Errorf("the first is not told:\n%s", log.String())
						}
						<-time.After(100 * time.Millisecond)
					}
				}
				if outcome == engine.ConditionError {
					b.rule.If = condition(func(string) (bool, error) { return false, errors.New("no such thing") })
				}
				b.run(t, 10*time.Second)
				said, lines := 0, 0
				for line := range strings.Lines(log.String()) {
					if !strings.Contains(line, "msg="+string(outcome)) {
						continue
					}
					lines, said = lines+1, said+1
					if more := moreLike.FindStringSubmatch(line); more != nil {
						n, err := strconv.Atoi(more[1])
						if err != nil {
							t.Fatal(err)
						}
						said += n - 1
					}
				}
				if lines < 10 || lines > 12 || said != all {
					t.Errorf("%d lines tell of %d events:\n%s", lines, said, log.String())
				}
				if n := len(b.watcher.outcomes()); n != all {
					t.Errorf("%d of %d decisions were observed", n, all)
				}
			})
		})
	}
}
