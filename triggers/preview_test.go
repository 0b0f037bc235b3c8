package triggers_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/enginetest"
	"rhea/triggers"
)

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
	config := triggers.FeedConfig{
		URLs: []string{server.URL + "/a", server.URL + "/gone", server.URL + "/b"}, FirstRun: "skip", MaxItems: 1,
		OnUpdate: "ignore", Timezone: "UTC", AllowPrivate: true,
	}
	keys, err := enginetest.Preview(t, enginetest.Build(t, kind("feed"), config, s), 3)
	if keys != "urn:4 urn:3 urn:2" {
		t.Errorf("the newest are %q", keys)
	}
	if err == nil || !strings.Contains(err.Error(), "/gone: the server answers 404") || strings.Contains(err.Error(), "/a:") {
		t.Errorf("the error is %v", err)
	}
}

// TestPreviewEvents asks for the newest events that the trigger does not pass by.
func TestPreviewEvents(t *testing.T) {
	t.Parallel()
	source := new(enginetest.Source)
	bot := enginetest.Pubkey(t, enginetest.BotKey)
	var ids []string
	for i := range 5 {
		e := nostr.Event{Kind: 1, CreatedAt: nostr.Timestamp(1_770_000_000 + i), Content: fmt.Sprint(i), Tags: nostr.Tags{{"p", bot}}}
		if i == 3 { // Carried along in a thread.
			e.Tags = nostr.Tags{{"e", bot, "", "root", enginetest.Pubkey(t, enginetest.AliceKey)}, {"p", bot}}
		}
		if err := e.Sign(enginetest.AliceKey); err != nil {
			t.Fatal(err)
		}
		source.Add(e)
		ids = append(ids, e.ID)
	}
	trigger := enginetest.Build(t, kind("mention"), triggers.MentionConfig{Kinds: []int{1}, Direct: true}, enginetest.Setup(t, source))
	if keys, err := enginetest.Preview(t, trigger, 2); keys != ids[4]+" "+ids[2] || err != nil {
		t.Errorf("%s, %v", keys, err)
	}
	source.Break(errors.New("the cable is cut"))
	if _, err := enginetest.Preview(t, trigger, 2); err == nil || !strings.Contains(err.Error(), "the cable is cut") {
		t.Errorf("the error is %v", err)
	}
}
