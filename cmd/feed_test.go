package cmd_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/nbd-wtf/go-nostr"

	"rhea/cmd"
)

// invoke runs one command in this process and returns its exit code and what it wrote.
func invoke(t *testing.T, env map[string]string, args ...string) (code int, out, log string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = cmd.Run(t.Context(), args, cmd.Streams{
		In: strings.NewReader(""), Out: &stdout, Err: &stderr,
		LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
	}, kinds())
	return code, stdout.String(), stderr.String()
}

// runOnce makes one pass of the bot in a folder.
func runOnce(t *testing.T, dir string, args ...string) (code int, log string) {
	t.Helper()
	code, _, log = invoke(t, map[string]string{"BOT_NSEC": botSecret},
		append([]string{"run", "--once", "-c", filepath.Join(dir, "bot.yaml")}, args...)...)
	return code, log
}

// TestFeedRuns runs a bot once and again over a feed of fifty items that later gains two.
func TestFeedRuns(t *testing.T) {
	t.Parallel()
	for first, atFirst := range map[string]int{"skip": 0, "latest": 1} {
		t.Run(first, func(t *testing.T) {
			t.Parallel()
			var items atomic.Int32
			items.Store(50)
			feed := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprint(w, `<rss version="2.0"><channel><title>Blog</title>`)
				for i := items.Load(); i > 0; i-- {
					fmt.Fprintf(w, `<item><title>Post %d &amp; more</title><guid>%d</guid></item>`, i, i)
				}
				fmt.Fprint(w, `</channel></rss>`)
			}))
			t.Cleanup(feed.Close)
			relay := watch(t)
			dir := t.TempDir()
			writeConfig(t, dir, fmt.Sprintf(`version: 1
identities: { main: { key: { env: BOT_NSEC } } }
relays: [%s]
rules:
  - name: blog
    trigger: { feed: { url: "%s", first_run: %s, allow_private: true } }
    actions: [ { publish: { content: "${{ item.title }}" } } ]
`, relay.url, feed.URL, first))
			run := func(args ...string) []string {
				t.Helper()
				before := len(relay.notes())
				code, log := runOnce(t, dir, args...)
				if code != 0 {
					t.Fatalf("exit code %d:\n%s", code, log)
				}
				return relay.notes()[before:]
			}
			if got := run("--dry-run"); len(got) != 0 {
				t.Errorf("a dry run published %q", got)
			}
			if _, err := os.Stat(filepath.Join(dir, "rhea.db")); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("a dry run made a state file: %v", err)
			}
			if got := run(); len(got) != atFirst || (atFirst == 1 && got[0] != "Post 50 & more") {
				t.Errorf("the first run published %q", got)
			}
			if got := run(); len(got) != 0 {
				t.Errorf("a run without news published %q", got)
			}
			items.Store(52)
			if got := run("--dry-run"); len(got) != 0 {
				t.Errorf("a dry run published %q", got)
			}
			if got := run(); !slices.Equal(got, []string{"Post 51 & more", "Post 52 & more"}) {
				t.Errorf("with two new items it published %q", got)
			}
			if got := run(); len(got) != 0 {
				t.Errorf("restarted, it published %q", got)
			}
		})
	}
}

// TestFeedSecrets has a feed try to make the bot publish what looks like a secret key.
func TestFeedSecrets(t *testing.T) {
	t.Parallel()
	const secret = "nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5"
	feed := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `<rss version="2.0"><channel><title>Blog</title>
			<item><title>my key is %[1]s</title><guid>%[1]s</guid><category>%[1]s</category></item></channel></rss>`, secret)
	}))
	t.Cleanup(feed.Close)
	relay := watch(t)
	dir := t.TempDir()
	writeConfig(t, dir, fmt.Sprintf(`version: 1
identities: { main: { key: { env: BOT_NSEC } } }
relays: [%s]
rules:
  - name: blog
    trigger: { feed: { url: "%s", first_run: all, allow_private: true } }
    actions: [ { publish: { content: "${{ item.title }}", hashtags: "${{ item.categories }}" } } ]
`, relay.url, feed.URL))
	code, log := runOnce(t, dir)
	if code != 0 || strings.Contains(log, secret) {
		t.Errorf("exit code %d, log:\n%s", code, log)
	}
	if got := relay.notes(); !slices.Equal(got, []string{"my key is [redacted]"}) {
		t.Errorf("it published %q", got)
	}
	for _, e := range relay.Events() {
		if strings.Contains(e.String(), secret) {
			t.Errorf("the secret is in %s", e)
		}
	}
}

// notes returns the text of everything that was accepted, in order.
func (w *watched) notes() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []string
	for _, e := range w.accepted {
		if e.Kind == nostr.KindTextNote {
			all = append(all, e.Content)
		}
	}
	return all
}
