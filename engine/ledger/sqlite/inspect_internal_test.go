package sqlite

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"zombiezen.com/go/sqlite"

	"rhea/engine"
)

// claims makes a file of so many claims and an event, in good order.
func claims(t *testing.T, path string, n int) {
	t.Helper()
	l, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = l.writer.submit(t.Context(), func(c *sqlite.Conn) error {
		for i := range n {
			if err := exec(c, "INSERT INTO claim (rule, key) VALUES ('r', ?)", nil, fmt.Sprintf("%08d %s", i, strings.Repeat("k", 100))); err != nil {
				return err
			}
		}
		return exec(c, "INSERT INTO event (id, rule, committed, json, fixed) VALUES ('e', 'r', 0, '{}', 0)", nil)
	})
	if err := errors.Join(err, l.Close()); err != nil {
		t.Fatal(err)
	}
}

// spoil overwrites the head of the page that holds a text, as a bad disk would.
func spoil(t *testing.T, path, text string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	at := bytes.Index(content, []byte(text))
	if at < page {
		t.Fatalf("%q is at %d", text, at)
	}
	copy(content[at/page*page:], bytes.Repeat([]byte{0xA5}, 16))
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestOpenRefusesDamage spoils a page of claims, which no start reads: the bot must not begin on it, and the file is left
// as it is.
func TestOpenRefusesDamage(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rhea.db")
	claims(t, path, 2000)
	spoil(t, path, "00001000 k")
	before, _ := os.ReadFile(path)
	l, err := Open(path, Options{})
	if err == nil {
		t.Fatalf("opened; closed: %v", l.Close())
	}
	for _, want := range []string{path + " is damaged", "page", "stop the bot, copy the file", ".dump", "--state NEW.db"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nsays nothing of %q", err, want)
		}
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("the file was changed")
	}
}

// TestDamageIsSalvaged follows the advice about a damaged file, with the sqlite3 of this machine: what is left of the file
// but the damaged page is there, and a bot begins on it.
func TestDamageIsSalvaged(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"sh", "sed", "sqlite3"} {
		if _, err := osexec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "rhea.db")
	claims(t, path, 2000)
	spoil(t, path, "00001000 k")
	_, err := Open(path, Options{})
	if err == nil {
		t.Fatal("it is not damaged")
	}
	_, advice, _ := strings.Cut(err.Error(), "`")
	advice, _, _ = strings.Cut(advice, "`")
	c := osexec.CommandContext(t.Context(), "sh", "-c", advice)
	c.Dir = dir
	if said, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", advice, err, said)
	}
	if info, err := os.Stat(filepath.Join(dir, "NEW.db")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("what is saved is %v, %v", info, err)
	}
	l, err := Open(filepath.Join(dir, "NEW.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	kept := 0
	for i := range 2000 {
		seen, err := l.Seen(t.Context(), "r", fmt.Sprintf("%08d %s", i, strings.Repeat("k", 100)))
		if err != nil {
			t.Fatal(err)
		}
		if seen {
			kept++
		}
	}
	if kept < 1900 || kept == 2000 {
		t.Errorf("%d of 2000 claims are left", kept)
	}
}

// TestDamageIsFound has a bot run on a file that is damaged later, or too large to be inspected at the start. It says so
// soon, or within a day, or when it reads the place, and does not take it back.
func TestDamageIsFound(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		claim int
		late  bool
		find  func(*testing.T, *Ledger)
	}{
		{"large", 80_000, false, func(*testing.T, *Ledger) {}},
		{"within a day", 2000, true, func(*testing.T, *Ledger) { <-time.After(inspectEvery + time.Second) }},
		{"by reading", 2000, true, func(t *testing.T, l *Ledger) {
			<-l.filled
			commit(t, l, "so that no reader has the page in its cache")
			if _, err := l.Reader.Seen(t.Context(), "r", "00001000 "+strings.Repeat("k", 100)); err == nil {
				t.Error("the claim can be read")
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "rhea.db")
				claims(t, path, tt.claim)
				if !tt.late {
					spoil(t, path, "00001000 k")
				}
				l, err := Open(path, Options{})
				if err != nil {
					t.Fatal(err)
				}
				defer func() {
					if err := l.Close(); err != nil {
						t.Error(err)
					}
				}()
				if tt.late {
					spoil(t, path, "00001000 k")
				}
				tt.find(t, l)
				synctest.Wait()
				since, err := l.Fault()
				if err == nil || !strings.Contains(err.Error(), "is damaged") {
					t.Fatalf("the fault is %v", err)
				}
				if err := l.Advance(t.Context(), engine.Position{Stream: "s", Value: "1"}); err != nil {
					t.Error(err)
				}
				<-time.After(2 * probeEvery)
				if again, err := l.Fault(); err == nil || !again.Equal(since) {
					t.Errorf("later since %s, not %s: %v", again, since, err)
				}
			})
		})
	}
}
