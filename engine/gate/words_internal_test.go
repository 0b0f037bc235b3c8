package gate

import (
	"slices"
	"strings"
	"testing"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

func stopWords() *engine.OptOut {
	return &engine.OptOut{Stop: []string{"stop", "leave me alone", "Halt!", "n0 more"}, Start: []string{"start", "go on"}}
}

// slowWordIn is WordIn without its short cut.
func slowWordIn(content string, o *engine.OptOut) string {
	text := strings.Trim(addressee.ReplaceAllString(content, ""), around)
	is := func(word string) bool { return strings.EqualFold(word, text) }
	switch {
	case text == "" || len(content) > maxWord:
		return ""
	case slices.ContainsFunc(o.Stop, is):
		return wordStop
	case slices.ContainsFunc(o.Start, is):
		return wordStart
	}
	return ""
}

// FuzzWordIn compares the short cut with the rule itself.
func FuzzWordIn(f *testing.F) {
	for _, s := range []string{
		"stop", "Stop!", " nostr:npub1qqqq STOP. ", "st#[0]op", "stop the train", "leave me alone", "leave  me alone", "Leave, me alone",
		"halt!", "HALT", "n0 more", "@nprofile1abc go on", "go #[1]on", "\u017ftop", "stop stop", "", "!", "start\u00a0", "npub1", "stopnpub1abc", "leave\nme alone",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, content string) {
		want := slowWordIn(content, stopWords())
		if got := WordIn(&nostr.Event{Content: content}, stopWords()); got != want {
			t.Errorf("%q says %q, want %q", content, got, want)
		}
	})
}

// BenchmarkWordIn looks for a word in what people write, with and without the short cut.
func BenchmarkWordIn(b *testing.B) {
	said := "nostr:npub1" + strings.Repeat("q", 58) + " hello bot, what is the price of bread in Rome today?"
	words := stopWords()
	b.Run("short cut", func(b *testing.B) {
		e := &nostr.Event{Content: said}
		for b.Loop() {
			WordIn(e, words)
		}
	})
	b.Run("baseline regexp", func(b *testing.B) {
		for b.Loop() {
			slowWordIn(said, words)
		}
	})
}
