package engine_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
)

// wordBench is a rule that people can stop, and that confirms it.
func wordBench() *bench {
	b := newBench()
	b.rule.Steps[0].Action = repeater()
	b.rule.OptOut = &engine.OptOut{
		Stop: []string{"stop"}, Start: []string{"start"}, Stopped: say("bye"), Started: say("welcome back"),
	}
	return b
}

// word is a message to the identity.
func word(t *testing.T, n int, text string) engine.Signal {
	s := said(t, n, text)
	s.Direct = true
	return s
}

// TestForgedStop has somebody else say stop in a person's name.
func TestForgedStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := wordBench()
		forged := word(t, 1, "stop")
		forged.Verify = func() error { return errors.New("wrong signature") }
		b.feed(t, forged, word(t, 1, "hello"))
		if got := b.watcher.outcomes(); got[0] != engine.BadSignature || got[1] != engine.Fired {
			t.Errorf("outcomes = %v, want a bad signature and an answer", got)
		}
	})
}

// TestStopObeysTheRate has many people say stop to a rule that may speak ten times an hour.
func TestStopObeysTheRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := wordBench()
		b.rule.Limit.Rate = []engine.Rate{{Count: 10, Per: time.Hour}}
		var signals []engine.Signal
		for i := range 25 {
			signals = append(signals, word(t, i, "stop"))
		}
		for i := range 25 {
			signals = append(signals, word(t, i, "hello"))
		}
		b.feed(t, signals...)
		if n := len(b.wire.texts()); n == 0 || n > 10 {
			t.Errorf("%d notes, want some and ten at most", n)
		}
		for _, d := range b.watcher.decisions[25:] {
			if !strings.Contains(d.Reason, "said stop") {
				t.Errorf("%s: %s, want that the author said stop", d.Outcome, d.Reason)
			}
		}
	})
}

// TestWordsOfNewcomers has more people say stop than are told that it was heard, over a restart: all are heard, none counts
// for the flood stop, and what is over is not claimed.
func TestWordsOfNewcomers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := wordBench()
		b.rule.FloodStop = []engine.Rate{{Count: 6, Per: time.Hour}}
		var signals []engine.Signal
		for i := range 40 {
			signals = append(signals, word(t, i, "stop"))
		}
		b.feed(t, signals...)
		if n := len(b.wire.texts()); n != 30 {
			t.Errorf("%d confirmations, want 30", n)
		}
		if seen, err := b.ledger.Seen(t.Context(), "rule", signals[39].Key); seen || err != nil {
			t.Errorf("Seen = %v, %v: a word that is not confirmed must not be claimed", seen, err)
		}
		again := wordBench()
		again.ledger, again.rule.FloodStop = b.ledger, b.rule.FloodStop
		again.feed(t, signals[39], word(t, 39, "hello"), word(t, 99, "hello"))
		for i, want := range []string{"another rule has heard this", "the author said stop", ""} {
			if d := again.watcher.decisions[i]; !strings.HasPrefix(d.Reason, want) || want == "" && d.Outcome != engine.Fired {
				t.Errorf("decision %d is %s: %q, want %q", i, d.Outcome, d.Reason, want)
			}
		}
	})
}

// TestWordOfAFriend asks that the word of somebody who was answered is not forgotten for those of newcomers.
func TestWordOfAFriend(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := wordBench()
		b.feed(t, word(t, 1, "hello"), word(t, 1, "stop"))
		author := word(t, 1, "").Event.PubKey
		bot := signer(botKey).PublicKey()
		value, err := b.ledger.Position(t.Context(), "opt_out/"+bot+"/"+author)
		if err != nil || !strings.HasPrefix(value, "stop ") {
			t.Errorf("the word of somebody who was answered is stored as %q, %v", value, err)
		}
	})
}
