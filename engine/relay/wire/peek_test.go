package wire_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/enginetest"
	"rhea/engine/relay/relaytest"
	"rhea/engine/relay/wire"
)

func TestPeek(t *testing.T) {
	t.Parallel()
	e := enginetest.Sign(t, enginetest.AliceKey, nostr.Event{
		Kind: 30023, Content: `a "quoted" \ text \\`,
		Tags: nostr.Tags{{"p", "one", "two"}, {"alt", "x\n"}, {"t"}, {"e", ""}, {"-"}},
	})
	whole := e.String()
	for name, tt := range map[string]struct {
		frame string
		plain bool
	}{
		"compact":          {`["EVENT","r1",` + whole + `]`, true},
		"spaces":           {`["EVENT","r1", ` + strings.ReplaceAll(whole, `,"`, ` , "`) + "\n]\n", true},
		"other order":      {`["EVENT","r1",` + reordered(t, e) + `]`, true},
		"content first":    {`["EVENT","r1",` + contentFirst(t, e) + `]`, true},
		"spaces before":    {` ["EVENT","r1",` + whole + `]`, false},
		"four elements":    {`["EVENT","r1",` + whole + `,1]`, false},
		"two ids":          {`["EVENT","r1",` + strings.Replace(whole, `{`, `{"id":"x",`, 1) + `]`, false},
		"unknown field":    {`["EVENT","r1",` + strings.Replace(whole, `{`, `{"seen":1,`, 1) + `]`, false},
		"escaped name":     {`["EVENT","r1",` + strings.Replace(whole, `"kind"`, `"\u006bind"`, 1) + `]`, false},
		"escaped value":    {`["EVENT","r1",` + strings.Replace(whole, `"one"`, `"\u006fne"`, 1) + `]`, false},
		"float":            {`["EVENT","r1",` + strings.Replace(whole, `30023`, `30023.5`, 1) + `]`, false},
		"unended content":  {`["EVENT","r1",{"content":"a\"`, false},
		"escaped letter":   {`["EVENT","r1",` + strings.Replace(whole, `["e"`, `["\u0065"`, 1) + `]`, false},
		"late escape":      {`["EVENT","r1",` + strings.Replace(whole, `["e",""`, `["e","\u0065"`, 1) + `]`, false},
		"no colon":         {`["EVENT","r1",` + strings.Replace(whole, `"kind":`, `"kind",`, 1) + `]`, false},
		"no comma":         {`["EVENT","r1",` + strings.Replace(whole, `,"tags"`, ` "tags"`, 1) + `]`, false},
		"an end too few":   {`["EVENT","r1",` + whole, false},
		"an end too many":  {`["EVENT","r1",` + whole + `]]`, false},
		"long number":      {`["EVENT","r1",` + strings.Replace(whole, `30023`, `3002300000000000`, 1) + `]`, false},
		"unended tag":      {`["EVENT","r1",{"tags":[["a"`, false},
		"another label":    {`["EVENTS","r1",` + whole + `]`, false},
		"nothing":          {``, false},
		"no event":         {`["EVENT","r1"]`, false},
		"an array instead": {`["EVENT","r1",[]]`, false},
	} {
		var p wire.Peek
		plain := p.Read([]byte(tt.frame))
		got := shown(&p)
		if plain != tt.plain {
			t.Errorf("%s: plain is %v", name, plain)
		}
		if want := fieldsOf("r1", &e); plain && got != want {
			t.Errorf("%s: saw %s, want %s", name, got, want)
		}
	}
}

// reordered writes an event with its fields in another order than ours.
func reordered(tb testing.TB, e nostr.Event) string {
	tb.Helper()
	tags, err := json.Marshal(e.Tags)
	if err != nil {
		tb.Fatal(err)
	}
	content, err := json.Marshal(e.Content)
	if err != nil {
		tb.Fatal(err)
	}
	return `{"content":` + string(content) + `,"sig":"` + e.Sig + `","tags":` + string(tags) + `,"pubkey":"` + e.PubKey +
		`","kind":30023,"id":"` + e.ID + `","created_at":` + fmt.Sprint(int64(e.CreatedAt)) + `}`
}

// contentFirst writes an event with its fields in the order of the alphabet, as strfry does.
func contentFirst(tb testing.TB, e nostr.Event) string {
	tb.Helper()
	var fields map[string]any
	if err := json.Unmarshal([]byte(e.String()), &fields); err != nil {
		tb.Fatal(err)
	}
	fields["created_at"] = int64(e.CreatedAt)
	text, err := json.Marshal(fields)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// elements counts what a message holds.
func elements(data []byte) int {
	var all []json.RawMessage
	if json.Unmarshal(data, &all) != nil {
		return 3 // The strict parser takes some bytes that encoding/json does not.
	}
	return len(all)
}

// FuzzPeek compares what a peek sees with what the strict parser reads: what is honest must never look
// otherwise, or it would be dropped.
func FuzzPeek(f *testing.F) {
	e := enginetest.Note(f, "seed \"\\\n é")
	for _, frame := range relaytest.HostileFrames("r1", e, enginetest.Note(f, "other")) {
		f.Add([]byte(frame))
	}
	e.Tags = nostr.Tags{{"p", "a", "b"}, {"t"}, {"alt", "\\"}, {"e", "\\\""}}
	f.Add([]byte(`["EVENT","r1",` + e.String() + `]`))
	f.Add([]byte(`["EVENT","r1",` + reordered(f, e) + `]`))
	f.Add([]byte(`["EVENT","r1",` + strings.ReplaceAll(reordered(f, e), `,"`, " ,\t\"") + "\n]\n"))
	e.Content = `{"sig":"x","created_at":1,"x":"","created_at":2,"sig":"","sig":"` + e.Sig + `"}]`
	for _, text := range []string{e.String(), reordered(f, e), contentFirst(f, e)} {
		f.Add([]byte(`["EVENT","r1",` + text + `]`))
		f.Add([]byte(`["EVENT","r1",` + strings.Replace(text, `,"sig"`, `,"x":{"created_at":1,"sig":"`+e.Sig+`"},"sig"`, 1) + `]`))
	}
	f.Add([]byte(`["EVENT","r1", {"id" : "x" , "tags" : [ [ "t" , "x" ] ] } ]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var p wire.Peek
		if !p.Read(data) {
			return
		}
		// What is kept is what the strict parser makes of the peek's own bytes: a message of any other form can at most
		// lose its own event.
		seen, sub, raw := shown(&p), string(p.Sub), p.Raw
		if event, err := wire.ReadEvent(raw); err == nil && fieldsOf(sub, event) != seen {
			t.Fatalf("%q: saw %s, kept %s", data, seen, fieldsOf(sub, event))
		}
		frame, err := wire.ParseFrame(data)
		if err != nil || elements(data) != 3 {
			return
		}
		label, sub, raw := frame.Label, string(frame.ID), frame.Event
		if label != "EVENT" {
			t.Fatalf("%q was taken for an event", data)
		}
		event, err := wire.ReadEvent(raw)
		if err != nil {
			return
		}
		if want := fieldsOf(sub, event); seen != want {
			t.Fatalf("%q: saw %s, want %s", data, seen, want)
		}
	})
}

// fieldsOf is what a peek at an event must see.
func fieldsOf(sub string, e *nostr.Event) string {
	var p wire.Peek
	p.Fill([]byte(sub), nil, e)
	return shown(&p)
}

func shown(p *wire.Peek) string {
	return fmt.Sprintf("%s %s %s %s %d %d %q", p.Sub, p.ID, p.Pubkey, p.Sig, p.CreatedAt, p.Kind, p.Tags)
}
