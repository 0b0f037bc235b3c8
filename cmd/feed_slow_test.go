//go:build unix

package cmd_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// TestFeedMadeToBeSlow runs a bot on a feed of 10 MB that takes a parser hours. The feed is given up and named, another
// rule goes on, and a signal that comes while it is read ends the bot within its --drain. The times here are far from
// those hours and far from what a busy machine needs.
func TestFeedMadeToBeSlow(t *testing.T) {
	t.Parallel()
	var body strings.Builder
	body.WriteString(`<rss version="2.0"><channel><item><x:a>`)
	for body.Len() < 10<<20-100 {
		body.WriteString("t<!---->")
	}
	asked := make(chan bool, 100)
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, body.String())
		asked <- true
	}))
	t.Cleanup(slow.Close)
	relay := watch(t)
	dir := t.TempDir()
	writeConfig(t, dir, fmt.Sprintf(`version: 1
identities: { main: { key: { env: BOT_NSEC } } }
relays: [%s]
rules:
  - name: news
    trigger: { feed: { url: %s/feed.xml, allow_private: true, interval: 1s } }
    actions: [ { publish: { content: "${{ item.title }}" } } ]
  - name: tick
    trigger: { schedule: { every: 1s } }
    repeat_after: 0s
    actions: [ { publish: { content: "tick ${{ now }}" } } ]
`, relay.URL(), slow.URL))
	const drain = time.Minute
	c := start(t, t.Context(), dir, "run", "--drain", drain.String())
	<-asked
	within := time.After(3 * time.Minute)
	for given := false; !given; {
		select {
		case <-within:
			t.Fatal("the feed was not given up")
		case <-time.After(50 * time.Millisecond):
			_, out, _ := invoke(t, map[string]string{"BOT_NSEC": botSecret}, "status", "-c", filepath.Join(dir, "bot.yaml"))
			given = strings.Contains(out, "failing") && strings.Contains(out, "unreadable feed")
		}
	}
	<-asked // It is being read again.
	before := len(relay.Query(nostr.Filter{Kinds: []int{1}}))
	for end := time.Now().Add(3 * time.Minute); len(relay.Query(nostr.Filter{Kinds: []int{1}})) == before; {
		if time.Now().After(end) {
			t.Fatal("the other rule does not fire")
		}
		<-time.After(50 * time.Millisecond)
	}
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the signal ended the bot with %v", err)
		}
	case <-time.After(drain):
		t.Fatal("the bot has not ended within its --drain")
	}
}
