package bot_test

import (
	"errors"
	"slices"
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

// TestWhatIsAWord says which messages stop and start the bot, and how often it talks about that.
func TestWhatIsAWord(t *testing.T) {
	t.Parallel()
	ago := func(text string, ago time.Duration) func(t *testing.T) engine.Signal {
		return func(t *testing.T) engine.Signal {
			s := eventSignal(note(t, Key(1), text, time.Now().Add(-ago)), fine)
			s.Direct = true
			return s
		}
	}
	now := func(text string) func(t *testing.T) engine.Signal { return ago(text, 0) }
	for name, tt := range map[string]struct {
		said []func(t *testing.T) engine.Signal
		want []string
	}{
		"stop":                   {[]func(*testing.T) engine.Signal{now("Stop!"), now("hello")}, []string{"bye"}},
		"a sentence":             {[]func(*testing.T) engine.Signal{now("stop it, I laughed"), now("hello")}, []string{"stop it, I laughed", "hello"}},
		"an older word":          {[]func(*testing.T) engine.Signal{now("stop"), ago("start", time.Minute), now("hello")}, []string{"bye"}},
		"the same again":         {[]func(*testing.T) engine.Signal{now("stop"), now("stop!")}, []string{"bye"}},
		"to and fro at a limit":  {[]func(*testing.T) engine.Signal{now("hello"), now("hi"), now("stop"), now("start"), now("stop.")}, []string{"hello", "hi", "bye"}},
		"to and fro below it":    {[]func(*testing.T) engine.Signal{now("stop"), now("start")}, []string{"bye", "welcome back"}},
		"start, but never stop":  {[]func(*testing.T) engine.Signal{now("start"), now("hello")}, []string{"start", "hello"}},
		"an older stop at first": {[]func(*testing.T) engine.Signal{ago("stop", time.Minute), now("hello")}, []string{"bye"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := wordBench()
				b.rule.Limit.Author = []engine.Rate{{Count: 2, Per: time.Hour}}
				var signals []engine.Signal
				for _, said := range tt.said {
					signals = append(signals, said(t))
				}
				b.feed(t, signals...)
				if got := b.wire.texts(); !slices.Equal(got, tt.want) {
					t.Errorf("the bot said %q, want %q", got, tt.want)
				}
			})
		})
	}
}

// TestWordsOfFriends has more people say stop whom the bot knows than it may confirm in ten minutes: all are heard.
func TestWordsOfFriends(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := wordBench()
		var signals []engine.Signal
		for _, text := range []string{"hello", "stop", "again"} {
			for i := range 35 {
				signals = append(signals, word(t, i, text))
			}
		}
		b.feed(t, signals...)
		said := make(map[string]int)
		for _, text := range b.wire.texts() {
			said[text]++
		}
		if said["hello"] != 35 || said["bye"] != 30 || said["again"] != 0 {
			t.Errorf("the bot said %v, want 35 answers, 30 confirmations and no more", said)
		}
	})
}

// TestWordOfANewcomer asks that the word of somebody who was never answered takes no place of its own on the disk.
func TestWordOfANewcomer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := wordBench()
		b.feed(t, word(t, 1, "stop"))
		stream := "opt_out/" + signer(botKey).PublicKey() + "/" + author(t, 1)
		if value, err := b.ledger.Position(t.Context(), stream); value != "" || err != nil {
			t.Errorf("the word of a newcomer is stored as %q, %v", value, err)
		}
	})
}

// TestOldWordsAreHeardInSilence brings a word that was said while the bot was away for longer than it answers.
func TestOldWordsAreHeardInSilence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := wordBench()
		b.rule.MaxAge = 15 * time.Minute
		old := eventSignal(note(t, Key(1), "stop", time.Now().Add(-time.Hour)), fine)
		old.Direct = true
		b.feed(t, old, word(t, 1, "hello"))
		if got := b.wire.texts(); len(got) > 0 {
			t.Errorf("the bot said %q", got)
		}
	})
}
