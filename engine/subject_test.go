package engine_test

import (
	"strings"
	"testing"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/enginetest"
)

// TestSubject shows what the history tells of events by strangers: the first words, without a secret key.
func TestSubject(t *testing.T) {
	t.Parallel()
	secrets := new(engine.Redactor)
	secrets.Know(enginetest.Signer(enginetest.BotKey))
	for name, c := range map[string]struct{ content, want string }{
		"short":               {" hello \u2603 bot\n", "hello \u2603 bot"},
		"long":                {strings.Repeat("é", 201), strings.Repeat("é", 200) + "…"},
		"just so":             {strings.Repeat("é", 200), strings.Repeat("é", 200)},
		"a page":              {strings.Repeat("é", 100_000), strings.Repeat("é", 200) + "…"},
		"no text":             {"a\xffb\x00\x1b[31mc\r\nd", "a\uFFFDb[31mc\nd"},
		"a key":               {"my key is " + enginetest.BotKey, "my key is [redacted]"},
		"a key where it ends": {strings.Repeat("a ", 90) + enginetest.BotKey, strings.Repeat("a ", 90) + "[redacted]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := nostr.Event{PubKey: "a1", Content: c.content}
			about := engine.SubjectOf(&engine.Signal{Event: &e}, secrets)
			if about == nil || about.Author != "a1" || about.Words != c.want {
				t.Errorf("it is about %+v, want %q", about, c.want)
			}
		})
	}
	if about := engine.SubjectOf(&engine.Signal{}, secrets); about != nil {
		t.Errorf("a planned time is about %+v", about)
	}
}

// TestCalled reads names out of profiles, which anybody may have written.
func TestCalled(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		`{"name":"ann","display_name":"Ann of Oz"}`:              "ann",
		`{"name":" ","display_name":"Ann\nof Oz"}`:               "Ann of Oz",
		`{"name":["ann"],"display_name":7}`:                      "",
		`{"name":"` + strings.Repeat("x", 500) + `"}`:            strings.Repeat("x", 60) + "…",
		`{"name":"nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0"}`: "[redacted]",
		`not JSON`: "",
		``:         "",
	} {
		if got := (engine.Profile{Content: content}).Called(nil); got != want {
			t.Errorf("%s is called %q, want %q", content, got, want)
		}
	}
}
