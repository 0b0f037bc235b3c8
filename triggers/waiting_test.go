package triggers_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/triggers"
)

// TestItemsWait writes items of a feed down, as the engine does with what waits for a limit, and makes signals of them
// again: nothing may be lost on the way.
func TestItemsWait(t *testing.T) {
	t.Parallel()
	config := kind("feed").Defaults.(triggers.FeedConfig)
	config.URL = "https://blog.example/feed.xml"
	sampler := enginetest.Build(t, kind("feed"), config, enginetest.Setup(t, new(enginetest.Source))).(engine.Sampler)
	const feed = `<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Blog</title><link>https://blog.example</link>
		<item><guid isPermaLink="false">same</guid><title>One</title><link>https://blog.example/1</link>
			<description>&lt;a href="more"&gt;more&lt;/a&gt;</description><category>News</category>
			<pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate><enclosure url="https://blog.example/1.mp3" type="audio/mpeg" length="7"/></item>
		<item><guid isPermaLink="false">same</guid><title>Two</title><link>https://blog.example/2</link></item>
		<item><title>Without a name</title></item></channel></rss>`
	before, err := sampler.Sample(t.Context(), engine.Sample{Now: time.Now(), Document: []byte(feed)})
	if err != nil || len(before) != 3 {
		t.Fatalf("%d signals, %v", len(before), err)
	}
	for _, s := range before {
		text, err := json.Marshal(s.Data)
		if err != nil {
			t.Fatal(err)
		}
		data := new(triggers.FeedData)
		if err := json.Unmarshal(text, data); err != nil {
			t.Fatal(err)
		}
		after, err := sampler.Sample(t.Context(), engine.Sample{Now: time.Now(), Time: s.Time, Key: s.Key, Data: data})
		if err != nil || len(after) != 1 {
			t.Fatalf("%d signals, %v", len(after), err)
		}
		was, is := s.Data.(*triggers.FeedData), after[0].Data.(*triggers.FeedData)
		if after[0].Key != s.Key || !reflect.DeepEqual(was.Item, is.Item) || !reflect.DeepEqual(was.Feed, is.Feed) {
			t.Errorf("before %s %+v\n after %s %+v", s.Key, was.Item, after[0].Key, is.Item)
		}
		if title, ok := was.Title(); title != was.Item.Title || ok != (title != "") {
			t.Errorf("people know %s by %q, %t", s.Key, title, ok)
		}
	}
}
