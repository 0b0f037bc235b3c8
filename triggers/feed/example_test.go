package feed_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"rhea/engine"
	"rhea/triggers/feed"
)

// What a feed says, without asking a server: the trigger is shown the document.
func ExampleKind() {
	kind := feed.Kind()
	config := kind.Defaults.(feed.Config)
	config.URL = "https://blog.example/feed.xml"
	trigger, err := kind.Build(config, engine.Setup{Now: time.Now})
	if err != nil {
		log.Fatal(err)
	}
	signals, err := trigger.(engine.Sampler).Sample(context.Background(), engine.Sample{Document: []byte(`<?xml version="1.0"?>
<rss version="2.0"><channel><title>A blog</title>
  <item><guid>1</guid><title>First post</title><link>https://blog.example/1</link></item>
  <item><guid>2</guid><title>Second post</title><link>https://blog.example/2</link></item>
</channel></rss>`)})
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range signals {
		item := s.Data.(*feed.Data).Item
		fmt.Println(item.Title, item.Link)
	}
	// Output:
	// Second post https://blog.example/2
	// First post https://blog.example/1
}
