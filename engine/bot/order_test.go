package bot_test

import (
	"bytes"
	"context"
	"log/slog"
	"regexp"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/ledger/memory"
)

// lateCommit says a second late that something was committed: relays answer before that.
type lateCommit struct{ *memory.Ledger }

func (l lateCommit) Commit(ctx context.Context, e engine.Entry) (bool, error) {
	fresh, err := l.Ledger.Commit(ctx, e)
	<-time.After(time.Second)
	return fresh, err
}

// sequence notes in which order an observer is told.
type sequence struct {
	mu  sync.Mutex
	all []string
}

func (s *sequence) add(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, what)
}

func (s *sequence) Decided(d engine.Decision, _ []nostr.Event) { s.add(string(d.Outcome)) }
func (s *sequence) Settled(_ engine.Delivery, settled engine.Settlement) {
	s.add(string(settled.State))
}

// TestCauseBeforeEffect: that a rule fired is told before what became of its event, however fast a relay is.
func TestCauseBeforeEffect(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(eventSignal(note(t, strangerKey, "hello", time.Now()), fine), eventSignal(note(t, strangerKey, "bye", time.Now()), fine))
		b.rule.Relays = []string{"wss://one.example", "wss://two.example"}
		b.rule.Quorum = 2
		b.store = lateCommit{b.ledger}
		var log bytes.Buffer
		b.log = slog.New(slog.NewTextHandler(&log, nil))
		seen := &sequence{}
		b.observer = seen
		b.run(t, time.Minute)
		said := regexp.MustCompile(`msg=(fired|published|delivered)`).FindAllString(log.String(), -1)
		want := []string{"msg=fired", "msg=published", "msg=delivered", "msg=fired", "msg=published", "msg=delivered"}
		if !slices.Equal(said, want) {
			t.Errorf("the log says %q, want %q\n%s", said, want, &log)
		}
		if want := []string{"fired", "accepted", "accepted", "fired", "accepted", "accepted"}; !slices.Equal(seen.all, want) {
			t.Errorf("the observer is told %q, want %q", seen.all, want)
		}
	})
}
