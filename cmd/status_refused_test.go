package cmd_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rhea/engine/relay/relaytest"
)

// TestStatusSaysWhatARelayRefuses runs a bot of two rules on a relay that takes none of their queries, and asks for its
// status until it serves them.
func TestStatusSaysWhatARelayRefuses(t *testing.T) {
	t.Parallel()
	r := relaytest.New(t, relaytest.CloseOnce(-1, "error: not for \x1byou"))
	dir := t.TempDir()
	writeConfig(t, dir, fmt.Sprintf(`version: 1
identities: { main: { key: { env: BOT_NSEC } } }
relays: [%s]
rules:
  - { name: greet, trigger: { mention: {} }, actions: [ { reply: { content: "Hi!" } } ] }
  - { name: watch, trigger: { hashtag: { any: [go] } }, actions: [ { log: { message: "seen" } } ] }
`, r.URL()))
	start(t, t.Context(), dir, "run")
	status := func(args ...string) string {
		_, out, _ := invoke(t, map[string]string{"BOT_NSEC": botSecret}, append([]string{"status", "-c", filepath.Join(dir, "bot.yaml")}, args...)...)
		return strings.ReplaceAll(out, "\n  ", " ") // What is wrong is told on several lines.
	}
	until := func(enough func() bool) {
		t.Helper()
		deadline := time.After(30 * time.Second)
		for !enough() {
			select {
			case <-deadline:
				t.Fatalf("the status is\n%s", status())
			case <-time.After(100 * time.Millisecond):
			}
		}
	}
	line := "! " + r.URL() + " does not serve greet/mention, watch/hashtag (for "
	until(func() bool { return strings.Contains(status(), line) })
	if out := status(); !strings.Contains(out, r.URL()+"  up, refuses ") {
		t.Errorf("a relay that serves nothing looks well: %q", out)
	}
	if out := status(); strings.ContainsRune(out, '\x1b') || !strings.Contains(out, "): error: not for you\n") {
		t.Errorf("the status is %q", out)
	}
	var told struct {
		Relays []struct {
			Up      bool
			Refused []struct {
				Query, Reason string
				Since         time.Time
			}
		}
	}
	if err := json.Unmarshal([]byte(status("-o", "json")), &told); err != nil {
		t.Fatal(err)
	}
	if len(told.Relays) != 1 || len(told.Relays[0].Refused) != 2 || time.Since(told.Relays[0].Refused[0].Since) > time.Minute {
		t.Errorf("the status is %+v", told)
	}
	r.Behave()
	until(func() bool { return !strings.Contains(status(), "does not serve") })
}
