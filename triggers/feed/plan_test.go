package feed_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/triggers/feed"
)

func TestPlan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, in := new(site), new(enginetest.Intake)
		s.add("1")
		config := configured(func(c *feed.Config) { c.Interval = feed.Every(10 * time.Minute) })
		trigger := enginetest.Build(t, feed.Kind(), config, s.setup(t))
		plan := func() engine.Planned {
			t.Helper()
			looks, err := trigger.(engine.Planner).Plan(t.Context(), in, time.Now(), 5)
			if err != nil || len(looks) != 1 {
				t.Fatalf("Plan = %v, %v; want one look", looks, err)
			}
			return looks[0]
		}
		if p := plan(); !p.Time.Equal(time.Now()) || p.Note != "site.example, first look" {
			t.Errorf("before the first look the plan is %+v", p)
		}
		start := time.Now()
		enginetest.RunFor(t, trigger, in, 25*time.Minute)
		if p := plan(); !p.Time.Equal(start.Add(30*time.Minute)) || p.Note != "site.example" {
			t.Errorf("25 minutes after a start with a look every 10 the plan is %+v", p)
		}
	})
}

func TestSampleFeed(t *testing.T) {
	t.Parallel()
	s := enginetest.Setup(t, new(enginetest.Source))
	config := feed.Kind().Defaults.(feed.Config)
	config.URL = "https://blog.example/feed.xml"
	sampler := enginetest.Build(t, feed.Kind(), config, s).(engine.Sampler)
	body, err := os.ReadFile("testdata/sample.xml")
	if err != nil {
		t.Fatal(err)
	}
	signals, err := sampler.Sample(t.Context(), engine.Sample{Now: time.Now(), Document: body})
	if err != nil || len(signals) != 2 {
		t.Fatalf("%d signals and the error %v", len(signals), err)
	}
	if title := signals[0].Data.(*feed.Data).Item.Title; title != "Older" {
		t.Errorf("the first item is %q, want the oldest", title)
	}
	item := &feed.Data{Item: &feed.Item{Title: "Given", Link: "https://www.blog.example/3/"}}
	signals, err = sampler.Sample(t.Context(), engine.Sample{Now: time.Now(), Data: item})
	enginetest.Sampled(t, signals, err, "")
	if signals[0].Key != "//blog.example/3" {
		t.Errorf("the key of the item is %q, not its identity", signals[0].Key)
	}
	_, err = sampler.Sample(t.Context(), engine.Sample{Now: time.Now(), Received: &engine.Received{}})
	enginetest.Sampled(t, nil, err, "it waits for items of a feed, and none is given")
}

// TestPreviewFeeds asks for the newest items of two feeds, and beside them for what is wrong with a third.
func TestPreviewFeeds(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		days := map[string][]int{"/a": {1, 4}, "/b": {3, 2}}[r.URL.Path]
		if days == nil {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		fmt.Fprint(w, `<rss version="2.0"><channel><title>a</title>`)
		for _, d := range days {
			fmt.Fprintf(w, `<item><guid>urn:%[1]d</guid><pubDate>Thu, 0%[1]d Jan 2026 00:00:00 GMT</pubDate></item>`, d)
		}
		fmt.Fprint(w, `</channel></rss>`)
	}))
	t.Cleanup(server.Close)
	s := enginetest.Setup(t, nil)
	s.HTTP = func(bool) *http.Client { return server.Client() }
	config := feed.Config{
		URLs: []string{server.URL + "/a", server.URL + "/gone", server.URL + "/b"}, FirstRun: "skip", MaxItems: 1,
		OnUpdate: "ignore", Timezone: "UTC", AllowPrivate: true,
	}
	keys, err := enginetest.Preview(t, enginetest.Build(t, feed.Kind(), config, s), 3)
	if keys != "urn:4 urn:3 urn:2" {
		t.Errorf("the newest are %q", keys)
	}
	if err == nil || !strings.Contains(err.Error(), "/gone: the server answers 404") || strings.Contains(err.Error(), "/a:") {
		t.Errorf("the error is %v", err)
	}
}

// TestItemsWait writes items of a feed down, as the engine does with what waits for a limit, and makes signals of them
// again: nothing may be lost on the way.
func TestItemsWait(t *testing.T) {
	t.Parallel()
	config := feed.Kind().Defaults.(feed.Config)
	config.URL = "https://blog.example/feed.xml"
	sampler := enginetest.Build(t, feed.Kind(), config, enginetest.Setup(t, new(enginetest.Source))).(engine.Sampler)
	const body = `<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Blog</title><link>https://blog.example</link>
		<item><guid isPermaLink="false">same</guid><title>One</title><link>https://blog.example/1</link>
			<description>&lt;a href="more"&gt;more&lt;/a&gt;</description><category>News</category>
			<pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate><enclosure url="https://blog.example/1.mp3" type="audio/mpeg" length="7"/></item>
		<item><guid isPermaLink="false">same</guid><title>Two</title><link>https://blog.example/2</link></item>
		<item><title>Without a name</title></item></channel></rss>`
	before, err := sampler.Sample(t.Context(), engine.Sample{Now: time.Now(), Document: []byte(body)})
	if err != nil || len(before) != 3 {
		t.Fatalf("%d signals, %v", len(before), err)
	}
	for _, s := range before {
		text, err := json.Marshal(s.Data)
		if err != nil {
			t.Fatal(err)
		}
		data := new(feed.Data)
		if err := json.Unmarshal(text, data); err != nil {
			t.Fatal(err)
		}
		after, err := sampler.Sample(t.Context(), engine.Sample{Now: time.Now(), Time: s.Time, Key: s.Key, Data: data})
		if err != nil || len(after) != 1 {
			t.Fatalf("%d signals, %v", len(after), err)
		}
		was, is := s.Data.(*feed.Data), after[0].Data.(*feed.Data)
		if after[0].Key != s.Key || !reflect.DeepEqual(was.Item, is.Item) || !reflect.DeepEqual(was.Feed, is.Feed) {
			t.Errorf("before %s %+v\n after %s %+v", s.Key, was.Item, after[0].Key, is.Item)
		}
		if title, ok := was.Title(); title != was.Item.Title || ok != (title != "") {
			t.Errorf("people know %s by %q, %t", s.Key, title, ok)
		}
	}
}
