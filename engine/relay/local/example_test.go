package local_test

import (
	"context"
	"fmt"
	"log"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/relay"
	"rhea/engine/relay/local"
)

// A relay within the process, and a network that publishes to it as to any other.
func Example() {
	r := local.New(local.Options{})
	defer func() { _ = r.Close() }()
	url, err := r.Listen()
	if err != nil {
		log.Fatal(err)
	}
	network := relay.New(relay.Options{})
	defer func() { _ = network.Close() }()

	note := nostr.Event{Kind: nostr.KindTextNote, Content: "hello", CreatedAt: nostr.Now()}
	if err := note.Sign(nostr.GeneratePrivateKey()); err != nil {
		log.Fatal(err)
	}
	if err := network.Publish(context.Background(), url, note); err != nil {
		log.Fatal(err)
	}
	for _, e := range r.Query(nostr.Filter{Kinds: []int{nostr.KindTextNote}}) {
		fmt.Println(e.Content)
	}
	note.Content = "forged"
	fmt.Println(network.Publish(context.Background(), url, note))
	// Output:
	// hello
	// rejected: invalid: event id does not match
}
