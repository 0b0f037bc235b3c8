package cmd_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

const benchConfig = `version: 1
identities: { main: { key: { env: BOT_NSEC }, flood_stop: 100000000/1h, profile: false } }
relays: [ %s ]
rules:
  - name: greet
    trigger: { mention: {} }
    if: event.content contains "hello"
    actions: [ { reply: { content: "Hi! ${{ event.content }}" } } ]
    limit: { rate: 0, author: 0, thread: 0 }
    flood_stop: 100000000/1h
    loops: { bots: allow, patience: 0 }
    concurrency: { max: 64 }
`

// startRhea starts Rhea with a configuration on a relay.
func startRhea(b *testing.B, r *nullRelay, config string) *exec.Cmd {
	b.Helper()
	path := filepath.Join(b.TempDir(), "bot.yaml")
	if err := os.WriteFile(path, fmt.Appendf(nil, config, r.url), 0o600); err != nil {
		b.Fatal(err)
	}
	return startBot(b, r, "rhea", "run", "-c", path, "--log-level", "error")
}

// startBot starts a program until the benchmark ends.
func startBot(b *testing.B, r *nullRelay, name string, args ...string) *exec.Cmd {
	b.Helper()
	c := exec.CommandContext(b.Context(), name, args...)
	c.Env = append(os.Environ(), "BOT_NSEC="+botSecret, "RELAY="+r.url)
	var said bytes.Buffer
	c.Stderr = &said
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait() // It was killed.
		if b.Failed() {
			b.Log(said.String())
		}
	})
	return c
}

// built builds a program as make build does it: what only tests link is not in it.
func built(b *testing.B, folder string) (path string) {
	b.Helper()
	path = filepath.Join(b.TempDir(), filepath.Base(folder)+".exe")
	build := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, folder)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return path
}

// goNostr is the folder of the bot that people write by hand with go-nostr.
const goNostr = "./testdata/peers/go-nostr"

// installed installs what the bots written for Node need into a folder that ends with the benchmark. It skips the
// benchmark where nobody asked for them, and where there is no npm.
func installed(b *testing.B) (folder string) {
	b.Helper()
	if os.Getenv("RHEA_PEERS") == "" {
		b.Skip("RHEA_PEERS is not set")
	}
	for _, program := range []string{"npm", "node"} {
		if _, err := exec.LookPath(program); err != nil {
			b.Skip(program + " is not installed")
		}
	}
	folder = b.TempDir()
	if err := os.CopyFS(folder, os.DirFS("testdata/peers")); err != nil {
		b.Fatal(err)
	}
	c := exec.CommandContext(b.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	c.Dir = folder
	if out, err := c.CombinedOutput(); err != nil {
		b.Skipf("npm ci: %v\n%s", err, out)
	}
	return folder
}

// residentMB is what a process holds in memory, 0 where that cannot be read.
func residentMB(pid int) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			if err != nil {
				return 0
			}
			return float64(kb) / 1024
		}
	}
	return 0
}

// cpuOf is the processor time that a process has used, in steps of a hundredth of a second; 0 where that cannot be read.
func cpuOf(pid int) time.Duration {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// The name of the program stands in brackets and may hold anything; user and system time are the 12th and 13th
	// field after it.
	_, rest, _ := bytes.Cut(b, []byte(") "))
	fields := bytes.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, err := strconv.Atoi(string(fields[11]))
	system, err2 := strconv.Atoi(string(fields[12]))
	if err != nil || err2 != nil {
		return 0
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}
