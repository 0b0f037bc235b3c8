package relay_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/relay"
	"rhea/engine/relay/wire"
)

// BenchmarkDispatch shows what a frame costs beyond reading it, beside what go-nostr does with each: a note of 500
// bytes, one of 1,500, an article of 20,000, and a repost, whose text is another event with all its quotation marks.
func BenchmarkDispatch(b *testing.B) {
	bob := keySigner(bobKey).PublicKey()
	tags := nostr.Tags{{"p", bob}, {"t", "bird"}}
	sentence := "an ordinary sentence, as long as such sentences are, with \"quotes\" and a\nline break. "
	for name, e := range map[string]nostr.Event{
		"note":      {Kind: 1, Tags: tags, Content: sentence},
		"long note": {Kind: 1, Tags: tags, Content: strings.Repeat(sentence, 12)},
		"article":   {Kind: 30023, Tags: tags, Content: strings.Repeat(sentence, 230)},
		"repost":    {Kind: 6, Tags: tags, Content: eventJSON(b, note(b, strings.Repeat(sentence, 5)))},
	} {
		frame := []byte(`["EVENT","r1",` + eventJSON(b, sign(b, aliceKey, e)) + `]`)
		b.Run(name, func(b *testing.B) { dispatch(b, frame, e.Kind, bob) })
	}
}

func dispatch(b *testing.B, frame []byte, kind int, bob string) {
	wants := []nostr.Filters{{{Kinds: []int{kind}, Tags: nostr.TagMap{"p": {bob}}}}}
	other := []nostr.Filters{{{Kinds: []int{kind}, Tags: nostr.TagMap{"p": {person(1)}}}}, {{Kinds: []int{7}}}}
	b.Run("duplicate", func(b *testing.B) {
		r := relay.NewReader(b.Context(), wants)
		for r.Dispatch(frame); !r.Known(frame); {
			r.Dispatch(frame)
		}
		b.ReportAllocs()
		for b.Loop() {
			r.Dispatch(frame)
		}
	})
	b.Run("unmatched", func(b *testing.B) {
		r := relay.NewReader(b.Context(), other)
		b.ReportAllocs()
		for b.Loop() {
			r.Dispatch(frame)
		}
	})
	b.Run("baseline go-nostr", func(b *testing.B) {
		b.ReportAllocs()
		parser := nostr.NewMessageParser()
		for b.Loop() {
			message, err := parser.ParseMessage(string(frame))
			envelope, ok := message.(*nostr.EventEnvelope)
			if err != nil || !ok {
				b.Fatal("unreadable")
			}
			if ok, err := envelope.CheckSignature(); err != nil || !ok {
				b.Fatal("bad signature")
			}
		}
	})
}

// BenchmarkMatched shows what an event costs that is parsed and handed over.
func BenchmarkMatched(b *testing.B) {
	bob := keySigner(bobKey).PublicKey()
	wants := []nostr.Filters{{{Kinds: []int{1}, Tags: nostr.TagMap{"p": {bob}}}}}
	var frames [][]byte
	for i := range 4096 {
		e := sign(b, aliceKey, nostr.Event{
			Kind: 1, Content: fmt.Sprint("an ordinary note, as long as such notes are, with \"quotes\" and a\nline break", i),
			Tags: nostr.Tags{{"p", bob}, {"t", "bird"}},
		})
		frames = append(frames, []byte(`["EVENT","r1",`+eventJSON(b, e)+`]`))
	}
	r := relay.NewReader(b.Context(), wants)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%len(frames) == 0 {
			b.StopTimer()
			r = relay.NewReader(b.Context(), wants)
			b.StartTimer()
		}
		r.Dispatch(frames[i%len(frames)])
		for i%256 == 255 && !r.Known(frames[i%len(frames)]) {
			runtime.Gosched() // What finds no room costs less: nothing may.
		}
	}
}

// BenchmarkMatch shows that the number of rules does not matter, beside one filter after the other.
func BenchmarkMatch(b *testing.B) {
	frame := typicalFrame(b)
	parsed, err := wire.ParseFrame(frame)
	if err != nil {
		b.Fatal(err)
	}
	raw := parsed.Event
	e, err := wire.ParseEvent(raw)
	if err != nil {
		b.Fatal(err)
	}
	bob := keySigner(bobKey).PublicKey()
	three := []nostr.Filters{
		{{Kinds: []int{1}, Tags: nostr.TagMap{"p": {bob}}}}, {{Kinds: []int{1}, Tags: nostr.TagMap{"t": {"bird"}}}},
		{{Kinds: []int{1}, Authors: []string{e.PubKey}}},
	}
	for _, n := range []int{10, 1_000, 100_000} {
		rules := make([]nostr.Filters, n)
		for i := range rules {
			switch i % 3 {
			case 0:
				rules[i] = nostr.Filters{{Kinds: []int{1}, Tags: nostr.TagMap{"p": {person(i)}}}}
			case 1:
				rules[i] = nostr.Filters{{Kinds: []int{1}, Tags: nostr.TagMap{"t": {fmt.Sprint("tag", i)}}}}
			default:
				rules[i] = nostr.Filters{{Kinds: []int{1}, Authors: []string{person(i)}}}
			}
		}
		firing := append(append([]nostr.Filters{}, rules[:n-3]...), three...)
		for fire, rules := range map[int][]nostr.Filters{0: rules, 3: firing} {
			b.Run(fmt.Sprintf("%d rules/%d fire", n, fire), func(b *testing.B) {
				x := relay.NewIndex(rules)
				b.ReportAllocs()
				for b.Loop() {
					if got := x.Find(frame); got != fire {
						b.Fatalf("%d rules fire", got)
					}
				}
			})
		}
		b.Run(fmt.Sprintf("%d rules/baseline filter after filter", n), func(b *testing.B) {
			for b.Loop() {
				fired := 0
				for _, filters := range firing {
					if filters.Match(e) {
						fired++
					}
				}
				if fired != 3 {
					b.Fatalf("%d rules fire", fired)
				}
			}
		})
	}
}
