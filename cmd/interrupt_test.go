//go:build unix

package cmd_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/relay/relaytest"
)

// TestInterrupt asks a bot to end that still owes a reply to a relay which never answers: the first signal waits for
// the relay as long as --drain says, a second one ends it at once. What is owed is sent by the next start.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	bot, err := nostr.GetPublicKey(botSecret)
	if err != nil {
		t.Fatal(err)
	}
	silent := relaytest.New(t, relaytest.Ignore("EVENT"))
	dir := t.TempDir()
	writeConfig(t, dir, fmt.Sprintf(`version: 1
identities: { main: { key: { env: BOT_NSEC } } }
relays: [%s]
rules:
  - name: greet
    trigger: { mention: {} }
    actions: [ { reply: { content: "Hi!" } } ]
`, silent.URL()))
	c := start(t, t.Context(), dir, "run", "--drain", "1m")
	untilRead(t, dir, "greet/mention/"+silent.URL())
	silent.Publish(mention(t, 1, bot))
	silent.Await("EVENT", 1)
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	interrupt := func() {
		t.Helper()
		if err := c.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
	}
	interrupt()
	select {
	case err := <-ended:
		t.Fatalf("the first signal did not wait for the relay: %v", err)
	case <-time.After(500 * time.Millisecond):
	}
	interrupt()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("a second signal ended the bot as if nothing was owed")
		}
	case <-time.After(5 * time.Second):
		t.Fatal("a second signal did not end the bot")
	}

	silent.Behave()
	next := start(t, t.Context(), dir, "run")
	deadline := time.After(time.Minute)
	for len(answersOn(silent, bot)) == 0 {
		select {
		case <-deadline:
			t.Fatal("the next start did not send what was owed")
		case <-time.After(20 * time.Millisecond):
		}
	}
	if err := next.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := next.Wait(); err != nil {
		t.Errorf("with nothing owed a signal ended the bot with %v", err)
	}
}
