package bot_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/ledger/memory"
	"rhea/engine/relay"
	"rhea/engine/relay/relaytest"
)

// dying is a publisher whose process dies between a relay's answer and its being stored.
type dying struct {
	*relay.Network
	died chan struct{}
}

func (d *dying) Pipeline(ctx context.Context, r string, e nostr.Event, sent func()) error {
	if err := d.Network.Pipeline(ctx, r, e, sent); err != nil {
		return err
	}
	close(d.died)
	<-ctx.Done()
	return ctx.Err()
}

// TestWhatAnEarlierRunMayHaveSentIsNotReplaced dies right after a relay has taken a note, and finds the other relay
// hours later, when the note would get a new date.
func TestWhatAnEarlierRunMayHaveSentIsNotReplaced(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]bool{"the relay says so": false, "the relay cannot be asked": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPost(t)
				one, two := p.relay("one.test"), p.relay("two.test")
				two.Stop()
				died := make(chan struct{})
				p.publisher = func(n *relay.Network) engine.Publisher { return &dying{n, died} }
				p.start()
				p.write("note")
				<-died
				p.stop()
				one.Stop()
				wait(5 * time.Hour)
				p.publisher = nil
				p.start()
				if !away {
					one.Start()
				}
				two.Start()
				wait(time.Hour)
				if away {
					one.Start()
				}
				wait(time.Hour)
				if x, y := ids(one, "note"), ids(two, "note"); len(x) != 1 || !slices.Equal(x, y) {
					t.Errorf("the relays have heard %q and %q", x, y)
				}
			})
		})
	}
}

// hung is a publisher that waits for an answer until the process ends.
type hung struct{}

func (hung) Publish(ctx context.Context, _ string, _ nostr.Event) error {
	<-ctx.Done()
	return ctx.Err()
}

// TestAShutdownIsNoAttempt ends the bot while it waits for the answer of a relay: the next start asks again at once.
func TestAShutdownIsNoAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(t)
		p.rule.Retry.Initial, p.rule.Retry.Max = time.Hour, time.Hour
		r := p.relay("one.test")
		p.publisher = func(*relay.Network) engine.Publisher { return hung{} }
		p.start()
		p.write("note")
		p.stop()
		if d := p.owed("note", r); d.State != engine.Pending || d.Attempts != 0 || d.Reason != "" {
			t.Errorf("the note is %s after %d attempts: %q", d.State, d.Attempts, d.Reason)
		}
		p.publisher = nil
		p.start()
		wait(time.Second)
		if d := p.owed("note", r); d.State != engine.Accepted {
			t.Errorf("after the next start the note is %s: %q", d.State, d.Reason)
		}
	})
}

// slowSigner takes a moment to sign what was mined.
type slowSigner struct {
	signer
	takes time.Duration
}

func (s slowSigner) Sign(ctx context.Context, e *nostr.Event) error {
	if e.Tags.Find("nonce") != nil {
		<-time.After(s.takes)
	}
	return s.signer.Sign(ctx, e)
}

// TestAnOldCopyIsNotSent has a note mined for one relay while the other still has the old one before it, or is about to
// get it.
func TestAnOldCopyIsNotSent(t *testing.T) {
	t.Parallel()
	for name, takes := range map[string]time.Duration{"made anew before": 0, "made anew meanwhile": 10 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPost(t)
				p.signer = slowSigner{botKey, takes}
				work := demands(8, "pow: 8 bits needed")
				one := p.relay("one.test", relaytest.Behaviour{Hears: func(c *relaytest.Conn, m relaytest.Message) bool {
					if e, is := m.Event(); is && e.Content == "before" {
						return true
					}
					return work.Hears(c, m)
				}})
				two := p.relay("two.test", relaytest.Behaviour{Hears: func(c *relaytest.Conn, m relaytest.Message) bool {
					if e, is := m.Event(); is && e.Content == "before" {
						c.Wait(5 * time.Second)
					}
					return true
				}})
				p.start()
				wait(time.Second) // Then the other relay is handed what was committed, not what is read later.
				p.write("before", "note")
				wait(time.Hour)
				x, y := ids(one, "note"), ids(two, "note")
				if len(x) != 2 || len(y) != 1 || y[0] != x[1] {
					t.Errorf("one has heard %q, the other %q", x, y)
				}
			})
		})
	}
}

// forestalled is a ledger in which another process always came first, for some keys.
type forestalled struct {
	*memory.Ledger
	keys []string
}

func (l *forestalled) Commit(ctx context.Context, e engine.Entry) (bool, error) {
	if slices.Contains(l.keys, e.Key) {
		return false, nil
	}
	return l.Ledger.Commit(ctx, e)
}

// TestWhatWasNotFreshDoesNotCount has others publish what the bot was about to: its flood stop counts what it published.
func TestWhatWasNotFreshDoesNotCount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var signals []engine.Signal
		l := &forestalled{}
		for n := range 5 {
			s := said(t, n, "taken")
			signals, l.keys = append(signals, s), append(l.keys, s.Key)
		}
		b := newBench(append(signals, said(t, 8, "ours"), said(t, 9, "too much"))...)
		l.Ledger, b.store = b.ledger, l
		b.rule.Steps[0].Action = repeater()
		b.rule.FloodStop = []engine.Rate{{Count: 1, Per: time.Hour}}
		began := time.Now()
		b.run(t, time.Minute)
		if late := time.Since(began) - time.Minute; late > time.Second {
			t.Errorf("the end waited %s for what others publish", late)
		}
		if got := b.wire.texts(); !slices.Equal(got, []string{"ours"}) {
			t.Errorf("sent %q; outcomes %v", got, b.watcher.outcomes())
		}
		if got := b.watcher.outcomes(); !slices.Equal(got[:5], slices.Repeat([]engine.Outcome{engine.Duplicate}, 5)) {
			t.Errorf("outcomes %v", got)
		}
	})
}
