//go:build unix

package cmd_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestHangup sends SIGHUP to a bot: it says that it does not read its configuration again, goes on, and ends with its
// drain when it is asked to.
func TestHangup(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeConfig(t, dir, `version: 1
identities: { main: { key: { env: BOT_NSEC } } }
relays: [ws://127.0.0.1:9]
rules:
  - name: tick
    trigger: { schedule: { every: 24h } }
    actions: [ { publish: { content: "tick" } } ]
`)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "rhea", "run")
	c.Dir, c.Env = dir, append(os.Environ(), "BOT_NSEC="+botSecret)
	said, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(said)
	await := func(words string) {
		t.Helper()
		for lines.Scan() {
			if strings.Contains(lines.Text(), words) {
				return
			}
		}
		t.Fatalf("the bot ended without saying %q", words)
	}
	await("running")
	for range 2 {
		if err := c.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		await("SIGHUP is ignored")
	}
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	await("stopped")
	if err := c.Wait(); err != nil {
		t.Error(err)
	}
}
