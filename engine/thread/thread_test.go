package thread_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/thread"
)

var (
	a, b, c = strings.Repeat("a", 64), strings.Repeat("b", 64), strings.Repeat("c", 64)
	alice   = strings.Repeat("1", 64)
	bob     = strings.Repeat("2", 64)
	article = "30023:" + alice + ":post"
	stream  = "30311:" + alice + ":live"
)

const (
	relay = "wss://relay.example"
	page  = "https://blog.example/post"
)

func event(id string) thread.Pointer { return thread.Pointer{ID: id, Kind: -1} }

func TestThread(t *testing.T) {
	t.Parallel()
	onArticle := thread.Pointer{Address: article, Author: alice, Kind: 30023}
	tests := []struct {
		name         string
		kind         int
		tags         nostr.Tags
		parent, root thread.Pointer
	}{
		{name: "no tags", kind: 1},
		{name: "only people", kind: 1, tags: nostr.Tags{{"p", alice}, {"t", "nostr"}}},
		{
			name: "direct reply to the root", kind: 1,
			tags:   nostr.Tags{{"e", a, relay, "root", alice}, {"p", alice}},
			parent: thread.Pointer{ID: a, Relay: relay, Author: alice, Kind: -1},
			root:   thread.Pointer{ID: a, Relay: relay, Author: alice, Kind: -1},
		},
		{
			name: "deeper reply", kind: 1,
			tags:   nostr.Tags{{"e", a, "", "root"}, {"e", b, relay, "reply", bob}},
			parent: thread.Pointer{ID: b, Relay: relay, Author: bob, Kind: -1}, root: event(a),
		},
		{
			name: "markers in any order", kind: 1,
			tags:   nostr.Tags{{"e", b, "", "reply"}, {"e", c, "", "mention"}, {"e", a, "", "root"}},
			parent: event(b), root: event(a),
		},
		{
			name: "only reply is marked", kind: 1,
			tags:   nostr.Tags{{"e", b, "", "reply"}},
			parent: event(b), root: event(b),
		},
		{
			name: "reply is marked and the root is not", kind: 1,
			tags:   nostr.Tags{{"e", a}, {"e", b, "", "reply"}},
			parent: event(b), root: event(a),
		},
		{
			name: "a mention is no parent", kind: 1,
			tags: nostr.Tags{{"e", a, "", "mention"}},
		},
		{
			name: "an unknown marker is no parent", kind: 1,
			tags: nostr.Tags{{"e", a, "", "fork"}},
		},
		{
			name: "a quote is no parent", kind: 1,
			tags: nostr.Tags{{"q", a, relay, alice}, {"p", alice}},
		},
		{
			name: "unmarked beside marked is a mention", kind: 1,
			tags:   nostr.Tags{{"e", a, "", "root"}, {"e", b}},
			parent: event(a), root: event(a),
		},
		{
			name: "positional, one", kind: 1,
			tags:   nostr.Tags{{"e", a}},
			parent: event(a), root: event(a),
		},
		{
			name: "positional, several", kind: 1,
			tags:   nostr.Tags{{"e", a, relay}, {"e", b}, {"e", c}, {"p", bob}},
			parent: event(c), root: thread.Pointer{ID: a, Relay: relay, Kind: -1},
		},
		{
			name: "positional with an author where the marker would be", kind: 1,
			tags:   nostr.Tags{{"e", a, relay, alice}},
			parent: thread.Pointer{ID: a, Relay: relay, Author: alice, Kind: -1},
			root:   thread.Pointer{ID: a, Relay: relay, Author: alice, Kind: -1},
		},
		{
			name: "the first of two roots counts", kind: 1,
			tags:   nostr.Tags{{"e", a, "", "root"}, {"e", b, "", "root"}},
			parent: event(a), root: event(a),
		},
		{
			name: "a note about an article", kind: 1,
			tags:   nostr.Tags{{"a", article, "", "root"}, {"e", a, "", "root"}},
			parent: thread.Pointer{ID: a, Address: article, Author: alice, Kind: 30023},
			root:   thread.Pointer{ID: a, Address: article, Author: alice, Kind: 30023},
		},
		{
			name: "an unmarked address is no parent", kind: 1,
			tags: nostr.Tags{{"a", article}},
		},
		{
			name: "channel message", kind: 42,
			tags:   nostr.Tags{{"e", a, relay, "root"}},
			parent: thread.Pointer{ID: a, Relay: relay, Kind: -1},
			root:   thread.Pointer{ID: a, Relay: relay, Kind: -1},
		},
		{
			name: "answer in a channel", kind: 42,
			tags:   nostr.Tags{{"e", a, "", "root"}, {"e", b, "", "reply"}},
			parent: event(b), root: event(a),
		},
		{
			name: "private message", kind: 14,
			tags:   nostr.Tags{{"p", bob}, {"e", a, relay}},
			parent: thread.Pointer{ID: a, Relay: relay, Kind: -1},
			root:   thread.Pointer{ID: a, Relay: relay, Kind: -1},
		},
		{
			name: "chat answers by quoting", kind: 9,
			tags:   nostr.Tags{{"h", "group"}, {"e", b}, {"q", a, relay, alice}},
			parent: thread.Pointer{ID: a, Relay: relay, Author: alice, Kind: -1},
			root:   thread.Pointer{ID: a, Relay: relay, Author: alice, Kind: -1},
		},
		{
			name: "live chat", kind: 1311,
			tags:   nostr.Tags{{"a", stream, relay, "root"}},
			parent: thread.Pointer{Address: stream, Relay: relay, Author: alice, Kind: 30311},
			root:   thread.Pointer{Address: stream, Relay: relay, Author: alice, Kind: 30311},
		},
		{
			name: "answer in a live chat", kind: 1311,
			tags:   nostr.Tags{{"a", stream}, {"e", b}},
			parent: event(b), root: thread.Pointer{Address: stream, Author: alice, Kind: 30311},
		},
		{
			name: "comment on an article", kind: 1111,
			tags: nostr.Tags{
				{"A", article, relay}, {"K", "30023"}, {"P", alice},
				{"a", article, relay}, {"e", a, relay}, {"k", "30023"}, {"p", alice},
			},
			parent: thread.Pointer{ID: a, Address: article, Relay: relay, Author: alice, Kind: 30023},
			root:   thread.Pointer{Address: article, Relay: relay, Author: alice, Kind: 30023},
		},
		{
			name: "answer to a comment", kind: 1111,
			tags: nostr.Tags{
				{"A", article}, {"K", "30023"}, {"P", alice},
				{"e", b, relay, bob}, {"k", "1111"}, {"p", bob},
			},
			parent: thread.Pointer{ID: b, Relay: relay, Author: bob, Kind: 1111}, root: onArticle,
		},
		{
			name: "comment on a picture", kind: 1111,
			tags: nostr.Tags{
				{"E", a, relay, alice}, {"K", "20"}, {"P", alice},
				{"e", a, relay}, {"k", "20"}, {"p", alice},
			},
			parent: thread.Pointer{ID: a, Relay: relay, Author: alice, Kind: 20},
			root:   thread.Pointer{ID: a, Relay: relay, Author: alice, Kind: 20},
		},
		{
			name: "comment on a web page", kind: 1111,
			tags:   nostr.Tags{{"I", page}, {"K", "web"}, {"i", page}, {"k", "web"}},
			parent: thread.Pointer{External: page, Kind: -1}, root: thread.Pointer{External: page, Kind: -1},
		},
		{
			name: "comment that names only the root", kind: 1111,
			tags:   nostr.Tags{{"A", article}},
			parent: onArticle, root: onArticle,
		},
		{
			name: "comment that names only the parent", kind: 1111,
			tags:   nostr.Tags{{"e", b}},
			parent: event(b), root: event(b),
		},
		{
			name: "voice reply", kind: 1244,
			tags:   nostr.Tags{{"E", a}, {"K", "1222"}, {"e", b}, {"k", "1244"}},
			parent: thread.Pointer{ID: b, Kind: 1244}, root: thread.Pointer{ID: a, Kind: 1222},
		},
		{
			name: "repost", kind: 6,
			tags:   nostr.Tags{{"e", b}, {"e", a, relay}, {"p", alice}},
			parent: thread.Pointer{ID: a, Relay: relay, Author: alice, Kind: -1},
			root:   thread.Pointer{ID: a, Relay: relay, Author: alice, Kind: -1},
		},
		{
			name: "repost of an article", kind: 16,
			tags:   nostr.Tags{{"e", a, relay}, {"a", article}, {"k", "30023"}},
			parent: thread.Pointer{ID: a, Address: article, Relay: relay, Author: alice, Kind: 30023},
			root:   thread.Pointer{ID: a, Address: article, Relay: relay, Author: alice, Kind: 30023},
		},
		{
			name: "reaction", kind: 7,
			tags:   nostr.Tags{{"e", b}, {"e", a, relay}, {"p", alice}, {"p", bob}, {"k", "1"}},
			parent: thread.Pointer{ID: a, Relay: relay, Author: bob, Kind: 1},
			root:   thread.Pointer{ID: a, Relay: relay, Author: bob, Kind: 1},
		},
		{
			name: "zap of a profile", kind: 9735,
			tags: nostr.Tags{{"p", alice}, {"P", bob}},
		},
		{
			name: "another kind, marked", kind: 1617,
			tags:   nostr.Tags{{"e", a, "", "root"}, {"e", b, "", "reply"}},
			parent: event(b), root: event(a),
		},
		{
			name: "another kind, unmarked", kind: 30023,
			tags: nostr.Tags{{"e", a}, {"a", article}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := &nostr.Event{Kind: test.kind, Tags: test.tags}
			if got := thread.Parent(e); got != test.parent {
				t.Errorf("Parent = %+v\nwant     %+v", got, test.parent)
			}
			if got := thread.Root(e); got != test.root {
				t.Errorf("Root = %+v\nwant   %+v", got, test.root)
			}
		})
	}
}

func TestHostileTagsArePassedOver(t *testing.T) {
	t.Parallel()
	hostile := nostr.Tags{
		nil, {}, {"e"}, {"a"}, {"i"}, {"q"}, {"E"}, {"A"}, {"I"}, {"k"}, {"e", ""}, {"i", ""},
		{"e", "abc", relay, "root"},
		{"e", strings.Repeat("A", 64), relay, "reply"},
		{"e", strings.Repeat("g", 64), "", "root"},
		{"e", a + "0", "", "root"},
		{"q", article},
		{"a", "30023", "", "root"}, {"a", "30023:" + alice, "", "root"}, {"a", "x:" + alice + ":", "", "root"},
		{"a", "70000:" + alice + ":", "", "root"}, {"a", "-1:" + alice + ":", "", "root"},
		{"A", "30023:" + strings.Repeat("A", 64) + ":"},
	}
	for _, kind := range []int{1, 4, 6, 7, 9, 14, 16, 42, 1111, 1244, 1311, 9735, 30023} {
		e := &nostr.Event{Kind: kind, Tags: hostile}
		if p := thread.Parent(e); !p.IsZero() {
			t.Errorf("kind %d: Parent = %+v", kind, p)
		}
		if p := thread.Root(e); !p.IsZero() {
			t.Errorf("kind %d: Root = %+v", kind, p)
		}
	}
}

func TestHostileHintsAreDropped(t *testing.T) {
	t.Parallel()
	for _, hint := range []string{"http://x.example", "javascript:alert(1)", "wss://", "\x00", "wss://a b", strings.ToUpper(a)} {
		e := &nostr.Event{Kind: 1, Tags: nostr.Tags{{"e", a, hint, "root", hint}}}
		if p := thread.Parent(e); p != event(a) {
			t.Errorf("hint %q: Parent = %+v", hint, p)
		}
	}
}

func FuzzThread(f *testing.F) {
	f.Add(1, `[["e","`+a+`","`+relay+`","root"],["e","`+b+`","","reply"]]`)
	f.Add(1111, `[["A","`+article+`"],["K","30023"],["e","`+b+`"],["k","1111"]]`)
	f.Add(7, `[["e"],[],["a","30023::"]]`)
	f.Fuzz(func(t *testing.T, kind int, raw string) {
		var tags nostr.Tags
		if json.Unmarshal([]byte(raw), &tags) != nil {
			return
		}
		e := &nostr.Event{Kind: kind, Tags: tags}
		parent, root := thread.Parent(e), thread.Root(e)
		if parent.IsZero() != root.IsZero() {
			t.Errorf("kind %d, tags %s: parent %+v but root %+v", kind, raw, parent, root)
		}
		for _, p := range []thread.Pointer{parent, root} {
			if p.ID != "" && len(p.ID) != 64 || p.Author != "" && len(p.Author) != 64 || p.Kind > 65535 {
				t.Errorf("kind %d, tags %s: %+v", kind, raw, p)
			}
		}
	})
}

func BenchmarkRoot(b *testing.B) {
	e := &nostr.Event{Kind: 1, Tags: nostr.Tags{{"e", a, relay, "root"}, {"e", c, relay, "reply"}, {"p", alice}, {"p", bob}}}
	b.ReportAllocs()
	for b.Loop() {
		if thread.Root(e).IsZero() {
			b.Fatal("no root")
		}
	}
}
