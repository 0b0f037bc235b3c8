package cmd_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// runVerb runs a verb in a folder, and returns what it prints and its exit code.
func runVerb(t *testing.T, dir string, args ...string) (out, wrong string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var said, told bytes.Buffer
	c := exec.CommandContext(ctx, "rhea", args...)
	c.Dir, c.Env, c.Stdout, c.Stderr = dir, append(os.Environ(), "BOT_NSEC="+botSecret, "NO_COLOR=1"), &said, &told
	err := c.Run()
	exit, failed := errors.AsType[*exec.ExitError](err)
	if err != nil && !failed {
		t.Fatal(err)
	}
	if failed {
		code = exit.ExitCode()
	}
	return said.String(), told.String(), code
}

// TestSendScreens shows what is printed when relays take, refuse and ignore what is sent.
func TestSendScreens(t *testing.T) {
	t.Parallel()
	good, login := relaytest.New(t), relaytest.With(t, local.Options{AuthToWrite: true})
	grim := relaytest.New(t, relaytest.OK(false, "blocked: this relay is for those alone who have paid, and the key that signed this has not"))
	mute := relaytest.New(t, relaytest.Ignore("EVENT"))
	gone := relaytest.New(t)
	gone.Stop()
	dir := t.TempDir()
	writeConfig(t, dir, fmt.Sprintf("version: 1\nidentities: { main: { key: { env: BOT_NSEC } } }\nrelays: [%s]\nrules: []\n", good.URL()))
	keyed := []string{"--key-env", "BOT_NSEC", "--relay"}
	var screens strings.Builder
	for _, args := range [][]string{
		{"hello"},
		append(keyed, good.URL(), "--relay", login.URL(), "--relay", grim.URL(), "--quorum", "3", "hello"),
		append(keyed, mute.URL(), "--timeout", "1s", "hello"),
		{"--relay", gone.URL(), "--timeout", "3s", "hello"},
		append(keyed, good.URL(), "hello", "--reply-to", "note1fntxtkcy9pjwucqwa9mddn7v03wwwsu9j330jj350nvhpky2tuaspk6nqc"),
	} {
		out, wrong, code := runVerb(t, dir, append([]string{"send"}, args...)...)
		fmt.Fprintf(&screens, "$ rhea send %s\n%s%sexit %d\n", strings.Join(args, " "), wrong, out, code)
	}
	still := regexp.MustCompile(`nevent1[0-9a-z]{50,}`).ReplaceAllString(screens.String(), "nevent1…")
	for url, name := range map[string]string{
		good.URL(): "ws://good.test:01234", login.URL(): "ws://auth.test:01234", grim.URL(): "ws://grim.test:01234",
		mute.URL(): "ws://mute.test:01234", gone.URL(): "ws://gone.test:01234",
	} {
		still = strings.ReplaceAll(still, url, name)
		still = strings.ReplaceAll(still, strings.TrimPrefix(url, "ws://"), strings.TrimPrefix(name, "ws://"))
	}
	still = regexp.MustCompile(`(?s)(no answer yet: connect: ).*?\nAccepted`).ReplaceAllString(still, "$1…\nAccepted")
	golden(t, "send.txt", still)
	if len(login.Heard("AUTH")) != 1 || len(grim.Heard("EVENT")) != 1 {
		t.Errorf("%d logins, %d tries at a relay that refuses", len(login.Heard("AUTH")), len(grim.Heard("EVENT")))
	}
}

// TestSendIsKept kills the program while a relay is away: the next run of the bot sends the event, once.
func TestSendIsKept(t *testing.T) {
	t.Parallel()
	gone := relaytest.New(t)
	gone.Stop()
	dir := t.TempDir()
	writeConfig(t, dir, fmt.Sprintf("version: 1\nidentities: { main: { key: { env: BOT_NSEC } } }\nrelays: [%s]\nrules: []\n", gone.URL()))
	c := exec.CommandContext(t.Context(), "rhea", "send", "hello", "--timeout", "1m")
	c.Dir, c.Env = dir, append(os.Environ(), "BOT_NSEC="+botSecret)
	said, err := c.StderrPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(said).ReadString('\n'); !strings.Contains(line, "Kept in") {
		t.Errorf("it says %q, %v", line, err)
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // It was killed.
	gone.Start()
	for range 2 {
		if _, wrong, code := runVerb(t, dir, "run", "--once"); code != 0 {
			t.Errorf("run --once: exit %d\n%s", code, wrong)
		}
	}
	if n := len(gone.Heard("EVENT")); n != 1 {
		t.Errorf("the relay was sent %d events, want 1", n)
	}
}

// TestSendReplies answers an event of a stranger, and one of its own by how its id begins.
func TestSendReplies(t *testing.T) {
	t.Parallel()
	relay := relaytest.New(t)
	dir := t.TempDir()
	writeConfig(t, dir, fmt.Sprintf("version: 1\nidentities: { main: { key: { env: BOT_NSEC } } }\nrelays: [%s]\nrules: []\n", relay.URL()))
	asked := nostr.Event{Kind: 1, CreatedAt: nostr.Now() - 60, Content: "a question", Tags: nostr.Tags{}}
	if err := asked.Sign(visitorSecret); err != nil {
		t.Fatal(err)
	}
	relay.Publish(asked)
	send := func(args ...string) nostr.Event {
		t.Helper()
		out, wrong, code := runVerb(t, dir, append(append([]string{"send"}, args...), "-o", "json")...)
		var report struct{ Event string }
		if err := json.Unmarshal([]byte(out), &report); err != nil || code != 0 {
			t.Fatalf("exit %d, %v\n%s%s", code, err, out, wrong)
		}
		found := relay.Local.Query(nostr.Filter{IDs: []string{report.Event}})
		if len(found) != 1 {
			t.Fatalf("the relay has %v", found)
		}
		return found[0]
	}
	answer := send("an answer with #words", "--reply-to", asked.ID)
	if root := answer.Tags.Find("e"); root[1] != asked.ID || root[3] != "root" || answer.Tags.FindWithValue("p", asked.PubKey) == nil ||
		answer.Tags.FindWithValue("t", "words") == nil {
		t.Errorf("the answer has the tags %v", answer.Tags)
	}
	more := send("and more", "--reply-to", answer.ID[:8])
	if root, parent := more.Tags.Find("e"), more.Tags.FindLast("e"); root[1] != asked.ID || parent[1] != answer.ID || parent[3] != "reply" {
		t.Errorf("the second answer has the tags %v", more.Tags)
	}
}
