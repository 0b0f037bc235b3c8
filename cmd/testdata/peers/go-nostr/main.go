// The bot that people write by hand with go-nostr: it answers, and remembers nothing.
package main

import (
	"context"
	"os"
	"strings"

	"github.com/nbd-wtf/go-nostr"
)

func main() {
	key, url := os.Getenv("BOT_NSEC"), os.Getenv("RELAY")
	pubkey, err := nostr.GetPublicKey(key)
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	relay, err := nostr.RelayConnect(ctx, url)
	if err != nil {
		panic(err)
	}
	sub, err := relay.Subscribe(ctx, nostr.Filters{{Kinds: []int{1}, Tags: nostr.TagMap{"p": {pubkey}}}})
	if err != nil {
		panic(err)
	}
	for e := range sub.Events {
		go func() {
			if !strings.Contains(e.Content, "hello") {
				return
			}
			reply := nostr.Event{
				Kind: 1, CreatedAt: nostr.Now(), Content: "Hi! " + e.Content,
				Tags: nostr.Tags{{"e", e.ID, url, "root", e.PubKey}, {"p", e.PubKey}},
			}
			if reply.Sign(key) == nil {
				_ = relay.Publish(ctx, reply) // It has no place to remember a failure.
			}
		}()
	}
}
