package examples_test

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/nbd-wtf/go-nostr"
)

// buildEmbed builds the program of the folder embed.
func buildEmbed(t *testing.T) program {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "embed.exe") // Windows wants the name; the others do not mind.
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./embed")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, said)
	}
	return func(ctx context.Context, args []string, env map[string]string, out io.Writer) int {
		c := exec.CommandContext(ctx, binary, args...)
		c.Stdout, c.Stderr, c.WaitDelay = out, out, deadline
		for name, value := range env {
			c.Env = append(c.Env, name+"="+value)
		}
		interrupted := false
		c.Cancel = func() error {
			interrupted = true
			if runtime.GOOS == "windows" { // It cannot interrupt a process.
				return c.Process.Kill()
			}
			return c.Process.Signal(os.Interrupt)
		}
		err := c.Run()
		var exit *exec.ExitError
		switch {
		case interrupted && (runtime.GOOS == "windows" || c.ProcessState.Success()):
			return 0
		case errors.As(err, &exit):
			return exit.ExitCode()
		case err != nil:
			_, _ = io.WriteString(out, err.Error()) // It ends up in the test's log.
			return -1
		}
		return 0
	}
}

func TestEmbed(t *testing.T) {
	t.Parallel()
	b := newBot(t, "embed/bot.yaml")
	b.program = buildEmbed(t)
	for _, c := range []struct{ topic, name, want string }{
		{"triggers", "folder", "folder fires for every text file that is moved into a folder.\n"},
		{"triggers", "folder", "The folder to look into\n"},
		{"actions", "poll", "poll asks a question with several answers (NIP-88).\n"},
		{"variables", "folder", "Its lines, without the empty ones\n"},
	} {
		if got := b.rhea(t, "list", c.topic, c.name); !strings.Contains(got, c.want) {
			t.Errorf("list %s %s lacks %q:\n%s", c.topic, c.name, c.want, got)
		}
	}
	polls := t.TempDir()
	b.env["POLLS"] = polls
	s := b.run(t)

	write := func(name, text string) {
		t.Helper()
		draft := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(draft, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(draft, filepath.Join(polls, name)); err != nil {
			t.Fatal(err)
		}
	}
	write("a-remark.txt", "Only one line\n")
	write("b-poll.txt", "Tabs or spaces?\ntabs\n\nspaces\n")
	poll := s.sees()
	if poll.Kind != 1068 || poll.Content != "Tabs or spaces?" || poll.PubKey != b.pubkey {
		t.Errorf("the bot published %s", poll)
	}
	hasTags(t, poll, nostr.Tags{{"polltype", "singlechoice"}, {"option", "1", "tabs"}, {"option", "2", "spaces"}})
	if len(tagsOf(poll, "relay")) == 0 || len(tagsOf(poll, "endsAt")) != 1 {
		t.Errorf("the poll does not say where and until when it is open: %v", poll.Tags)
	}
	s.stop()
}
