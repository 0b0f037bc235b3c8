package lookup_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/enginetest"
	"rhea/engine/lookup"
)

// The newest profile of an author, asked for once and remembered.
func ExampleNewProfiles() {
	profile := nostr.Event{Kind: nostr.KindProfileMetadata, Content: `{"name":"alice","bot":true}`, CreatedAt: nostr.Now()}
	if err := profile.Sign(enginetest.AliceKey); err != nil {
		log.Fatal(err)
	}
	source := new(enginetest.Source)
	source.Add(profile)

	profiles := lookup.NewProfiles(source, nil)
	for range 2 {
		found, ok, err := profiles.Find(context.Background(), profile.PubKey, 3*time.Second)
		fmt.Println(found.Content, found.Bot, ok, err)
	}
	fmt.Println("relays were asked:", len(source.Fetched()))
	// Output:
	// {"name":"alice","bot":true} true true <nil>
	// {"name":"alice","bot":true} true true <nil>
	// relays were asked: 1
}
