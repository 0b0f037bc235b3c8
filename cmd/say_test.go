package cmd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// talk is a sandbox that runs in a folder, with nobody else's in sight.
type talk struct {
	*testing.T
	ctx      context.Context
	dir, tmp string
}

func newTalk(t *testing.T, config string, verb ...string) *talk {
	t.Helper()
	tmp, err := os.MkdirTemp("", "say") // The name of a test is too long for a socket.
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(tmp) })
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	k := &talk{t, ctx, t.TempDir(), tmp}
	writeConfig(t, k.dir, config)
	c := k.command(verb...)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait() // It was killed.
	})
	return k
}

func (k *talk) command(args ...string) *exec.Cmd {
	c := exec.CommandContext(k.ctx, "rhea", args...)
	c.Dir, c.Env = k.dir, append(os.Environ(), "BOT_NSEC="+botSecret, "TMPDIR="+k.tmp, "TMP="+k.tmp, "NO_COLOR=1")
	return c
}

// say says something as soon as the sandbox is there, and returns what is printed.
func (k *talk) say(args ...string) (out string, code int) {
	k.Helper()
	for {
		var said, wrong bytes.Buffer
		c := k.command(append([]string{"say"}, args...)...)
		c.Stdout, c.Stderr = &said, &wrong
		err := c.Run()
		exit, failed := errors.AsType[*exec.ExitError](err)
		switch {
		case k.ctx.Err() != nil || err != nil && !failed:
			k.Fatalf("say %q: %v\n%s%s", args, err, &said, &wrong)
		case strings.Contains(wrong.String(), "no sandbox is running"):
			<-time.After(20 * time.Millisecond) // The sandbox is another process.
			continue
		case failed:
			code = exit.ExitCode()
		}
		return said.String() + wrong.String(), code
	}
}

const talkYAML = `version: 1
identities:
  main: { key: { env: BOT_NSEC } }
  other: { key: { derive: main, path: other } }
relays: [wss://relay.example]
rules:
  - name: greet
    trigger: { mention: {} }
    if: event.content matches "(?i)\\bhello\\b" and
      not (event.content contains "bad words, of which this condition names so many that it takes two lines")
    actions: [ { reply: { content: "Hi ${{ author.name ?? 'there' }}!" } } ]
  - name: listen
    identity: other
    trigger: { mention: {} }
    actions: [ { log: { message: "heard" } } ]
`

// TestSayScreens shows a conversation with a sandbox, its ids and times made still.
func TestSayScreens(t *testing.T) {
	t.Parallel()
	k := newTalk(t, talkYAML, "run", "--sandbox")
	var screens strings.Builder
	for _, args := range [][]string{
		{"hello", "bot"}, {"--as", "Ann B", "--to", "main", "what is the time?"}, {"--to", "other", "hello"},
		{"--to", "nobody", "hello"}, {"hello", "--reply-to", "00000000"},
	} {
		out, code := k.say(append(args, "--wait", "1m")...)
		screens.WriteString("$ rhea say " + strings.Join(args, " ") + "\n" + out)
		if code != 0 {
			screens.WriteString("exit " + string(rune('0'+code)) + "\n")
		}
	}
	still := regexp.MustCompile(`\b[0-9a-f]{8}\b`).ReplaceAllString(screens.String(), "1234abcd")
	still = regexp.MustCompile(`\d\d:\d\d:\d\d`).ReplaceAllString(still, "12:00:00")
	golden(t, "say.txt", still)
	fits(t, still)
}

// fits finds lines that are wider than a terminal.
func fits(t *testing.T, screen string) {
	t.Helper()
	for line := range strings.Lines(screen) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

// heard is what say prints as JSON.
type heard struct {
	Said    nostr.Event
	Answers []struct {
		Rule  string
		Event nostr.Event
	}
	Decisions []struct{ Rule, Outcome string }
}

func (k *talk) hear(args ...string) (h heard) {
	k.Helper()
	out, _ := k.say(append(args, "-o", "json")...)
	if err := json.Unmarshal([]byte(out), &h); err != nil {
		k.Fatalf("%v: %s", err, out)
	}
	return h
}

// TestSayToEverybody has a visitor mention nobody, and write a hashtag as people do.
func TestSayToEverybody(t *testing.T) {
	t.Parallel()
	k := newTalk(t, strings.Replace(talkYAML, "mention: {}", "hashtag: { any: [hello] }", 1), "run", "--sandbox")
	h := k.hear("#Hello everybody", "--to", "none")
	if len(h.Said.Tags) != 1 || h.Said.Tags[0][0] != "t" || len(h.Answers) != 1 {
		t.Errorf("%v was answered by %+v", h.Said.Tags, h.Answers)
	}
}

// TestSayConversation has a visitor answer what the bot has said.
func TestSayConversation(t *testing.T) {
	t.Parallel()
	k := newTalk(t, talkYAML, "run", "--sandbox")
	first := k.hear("hello @main", "--as", "ann")
	if len(first.Answers) != 1 || first.Answers[0].Rule != "greet" || first.Answers[0].Event.Content != "Hi ann!" {
		t.Fatalf("the answer is %+v", first.Answers)
	}
	bot, answer := first.Answers[0].Event.PubKey, first.Answers[0].Event
	if !strings.HasPrefix(first.Said.Content, "hello nostr:npub1") || len(first.Said.Tags) != 1 || first.Said.Tags[0][1] != bot {
		t.Errorf("the visitor said %q with the tags %v", first.Said.Content, first.Said.Tags)
	}
	again := k.hear("hello again", "--as", "ann", "--reply-to", answer.ID[:8])
	if again.Said.PubKey != first.Said.PubKey {
		t.Errorf("ann is another person the second time")
	}
	if root, parent := again.Said.Tags.Find("e"), again.Said.Tags.FindLast("e"); root[1] != first.Said.ID || parent[1] != answer.ID {
		t.Errorf("the reply has the tags %v", again.Said.Tags)
	}
	if len(again.Answers) != 1 {
		t.Errorf("the reply was answered %d times: %+v", len(again.Answers), again.Decisions)
	}
	if bert := k.hear("hello", "--as", "bert"); bert.Said.PubKey == first.Said.PubKey || bert.Answers[0].Event.Content != "Hi bert!" {
		t.Errorf("bert was taken for ann: %+v", bert)
	}
}
