package enginetest

import (
	"fmt"
	"strings"

	"github.com/nbd-wtf/go-nostr"
)

// StrangeEvents returns events that a stranger can sign and a relay deliver, and that trip up careless readers.
// Every kind of conversation is among them.
func StrangeEvents() []nostr.Event {
	id, author := strings.Repeat("5", 64), strings.Repeat("a", 64)
	var crowd nostr.Tags
	for i := range 500 {
		crowd = append(crowd, nostr.Tag{"p", fmt.Sprintf("%064x", i)})
	}
	bodies := []nostr.Event{
		{},
		{Tags: nostr.Tags{nil, {}, {""}, {"e"}, {"p"}, {"a"}, {"q"}, {"h"}, {"d"}, {"E"}, {"K"}, {"i"}, {"subject"}, {"-"}}},
		{Tags: nostr.Tags{{"e", ""}, {"e", "short", "", "root"}, {"e", strings.Repeat("F", 64), "", "reply"}, {"p", "npub1xyz"}, {"p", strings.Repeat("F", 64)}}},
		{Tags: nostr.Tags{{"a", ":"}, {"a", "30311:zz:"}, {"a", "30023:" + author + ":"}, {"E", "x"}, {"A", "x"}, {"I", ""}, {"K", ""}, {"P", "x"}}},
		{Tags: nostr.Tags{{"e", id, "javascript:alert(1)", "root", "x"}, {"e", id, "wss://" + strings.Repeat("a", 5000), "reply"}}},
		{Tags: nostr.Tags{{"d", strings.Repeat("x", 100_000)}, {"subject", strings.Repeat("Re: ", 1000)}, {"h", strings.Repeat("g", 2000)}}},
		{Tags: crowd},
		{Content: "\xff\xfe\x00 nostr:naddr1 nostr:nevent1qqqq #\u202e ${{ 1 }}"},
		{Content: strings.Repeat("nostr:note1", 5000)},
	}
	kinds := []int{
		-1, 0, 1, 3, 4, 5, 6, 7, 9, 11, 13, 14, 15, 16, 17, 20, 24, 40, 42, 1059, 1063, 1111, 1222, 1244, 1311, 5050, 6050,
		7000, 9735, 10002, 20001, 21059, 30023, 30311, 65535, 1 << 20,
	}
	var all []nostr.Event
	for _, body := range bodies {
		for _, kind := range kinds {
			body.Kind, body.ID, body.PubKey = kind, id, author
			all = append(all, body)
		}
		body.ID, body.PubKey = "short", strings.ToUpper(author)
		all = append(all, body)
	}
	return all
}
