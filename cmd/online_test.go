package cmd_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rhea/cmd"
	"rhea/engine/relay/local"
)

// TestCheckOnline asks a relay that works, one that is not there, a feed and what is none.
func TestCheckOnline(t *testing.T) {
	t.Parallel()
	relay := local.New(local.Options{Name: "one"})
	address, err := relay.Listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := relay.Close(); err != nil {
			t.Error(err)
		}
	})
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/feed.xml" {
			fmt.Fprint(w, `<rss version="2.0"><channel><title>a</title><item><guid>1</guid></item></channel></rss>`)
			return
		}
		w.WriteHeader(http.StatusGone)
	}))
	t.Cleanup(web.Close)
	path := filepath.Join(t.TempDir(), "bot.yaml")
	text := fmt.Sprintf(`version: 1
identities: { main: { key: { env: BOT_NSEC } } }
relays: [%s]
rules:
  - name: good
    trigger: { feed: { url: %[2]s/feed.xml, allow_private: true } }
    actions: [ { publish: { content: hi } } ]
  - name: gone
    trigger: { feed: { url: %[2]s/gone.xml, allow_private: true } }
    actions: [ { publish: { content: hi } } ]
  - name: nowhere
    relays: [ws://127.0.0.1:1]
    trigger: { mention: {} }
    actions: [ { reply: { content: hi } } ]
`, address, web.URL)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, said bytes.Buffer
	code := cmd.Run(t.Context(), []string{"check", "--online", "--skip-keys", "-c", path}, cmd.Streams{
		In: strings.NewReader(""), Out: &out, Err: &said, LookupEnv: func(string) (string, bool) { return "", false },
	}, kinds())
	all := strings.Join(strings.Fields(said.String()), " ")
	if code != 2 || !strings.HasSuffix(all, "2 mistakes, 0 warnings") ||
		!strings.Contains(all, "bot.yaml:8:1: error: rule gone: the feed at http://127.0.0.1:") || !strings.Contains(all, "410 Gone") ||
		!strings.Contains(all, "bot.yaml:11:1: error: ws://127.0.0.1:1 does not answer: ") {
		t.Errorf("exit code %d:\n%s", code, &said)
	}
}
