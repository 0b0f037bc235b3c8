package engine_test

import (
	"errors"
	"testing"
	"testing/synctest"

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
