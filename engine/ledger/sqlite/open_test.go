package sqlite_test

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

	"github.com/nbd-wtf/go-nostr"
	sqlite3 "zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"rhea/engine"
	"rhea/engine/ledger/sqlite"
)

// TestOpenLock refuses a link in the place of the lock, which would have another file written, and leaves no lock beside
// what is no file.
func TestOpenLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rhea.db")
	other := filepath.Join(t.TempDir(), "other")
	put(t, other, []byte("precious"))
	if err := os.Symlink(other, path+".lock"); err != nil {
		t.Skip(err)
	}
	l, err := sqlite.Open(path, sqlite.Options{})
	if err == nil {
		closeOnce(t, l)
		t.Error("a lock that is a link was taken")
	} else if !strings.Contains(err.Error(), "is a link") {
		t.Error(err)
	}
	if text, err := os.ReadFile(other); err != nil || string(text) != "precious" {
		t.Errorf("the file behind the link holds %q now (%v)", text, err)
	}
	if _, _, err := sqlite.Holder(path); err == nil {
		t.Error("the link was read")
	}
	check(t, os.Remove(path+".lock"))
	check(t, os.Mkdir(path, 0o700))
	if _, err := sqlite.Open(path, sqlite.Options{}); err == nil {
		t.Error("a folder was opened")
	}
	if _, err := os.Lstat(path + ".lock"); err == nil {
		t.Error("a lock was left beside a folder")
	}
}

// TestOpenRefuses opens what is not a good state file. It must say why and leave it alone.
func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		make func(t *testing.T, path string)
		want string
	}{
		"text":        {func(t *testing.T, path string) { put(t, path, []byte("rules: {}\n")) }, "damaged or not"},
		"noise":       {func(t *testing.T, path string) { put(t, path, bytes.Repeat([]byte{0xA5}, 64<<10)) }, "damaged or not"},
		"empty":       {func(t *testing.T, path string) { put(t, path, nil) }, "is empty"},
		"cut off":     {func(t *testing.T, path string) { fill(t, path); cut(t, path, 5000) }, "damaged"},
		"first page":  {func(t *testing.T, path string) { fill(t, path); cut(t, path, 100) }, "damaged"},
		"header lost": {func(t *testing.T, path string) { fill(t, path); scribble(t, path, 0, 100) }, "damaged"},
		"schema lost": {func(t *testing.T, path string) { fill(t, path); scribble(t, path, 100, 4096) }, "damaged"},
		"folder":      {func(t *testing.T, path string) { check(t, os.Mkdir(path, 0o700)) }, "is not a file"},
		"foreign":     {func(t *testing.T, path string) { script(t, path, "CREATE TABLE claim (x)") }, "another program"},
		"newer": {func(t *testing.T, path string) { fill(t, path); script(t, path, "PRAGMA user_version = 99") },
			"schema version 99 and this program knows"},
		"log alone": {func(t *testing.T, path string) { put(t, path+"-wal", []byte("left")) }, "is missing but its log"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "rhea.db")
			c.make(t, path)
			before, _ := os.ReadFile(path)
			l, err := sqlite.Open(path, sqlite.Options{})
			if err == nil {
				closeOnce(t, l)
				t.Fatal("opened")
			}
			if !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("the fault says %q, not %q with the file's name", err, c.want)
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
			if r, err := sqlite.OpenReadOnly(path); err == nil {
				t.Errorf("opened for reading, closed: %v", r.Close())
			}
		})
	}
}

// TestOldStateIsMigrated opens state files of earlier schema versions, as older programs left them.
func TestOldStateIsMigrated(t *testing.T) {
	t.Parallel()
	article := nostr.Event{
		PubKey: "a1", CreatedAt: 1_700_000_000, Kind: 30023, Tags: nostr.Tags{{"d"}, {"t", "x"}, {"d", "a \"slug\"", "b"}, {"d", "c"}},
	}
	list := nostr.Event{PubKey: "a1", CreatedAt: 1_700_000_001, Kind: 10002, Tags: nostr.Tags{{"d", "of no matter"}}}
	note := nostr.Event{PubKey: "a1", CreatedAt: 1_700_000_002, Kind: 1}
	for version := 1; version <= 4; version++ {
		t.Run(strconv.Itoa(version), func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "rhea.db")
			old := "PRAGMA application_id = 0x52686561;"
			for i := range version {
				schema, err := os.ReadFile(fmt.Sprintf("schema%d.sql", i+1))
				check(t, err)
				old += string(schema) + ";"
				if i > 0 {
					continue
				}
				old += "INSERT INTO claim (rule, key) VALUES ('r', 'old'); INSERT INTO position (stream, value) VALUES ('s', '7');" +
					"INSERT INTO mark (name, at, key) VALUES ('flood', 5, '0/r/k'), ('flood', 5, '1/r/k'), ('flood', 6, '0/r/l'), ('r', 6, '1/r/l');"
				for i, e := range []nostr.Event{article, list, note} {
					old += fmt.Sprintf("INSERT INTO event (seq, id, rule, committed, json, fixed) VALUES (%d, 'e%[1]d', 'r', 0, '%[2]s', 0);"+
						"INSERT INTO delivery (event, relay, quorum, retry_initial, retry_max, retry_elapsed) VALUES (%[1]d, 'w', 1, 1, 1, 1);"+
						"INSERT INTO decision (at, class, outcome, rule, trigger, key, reason, relay, gates, published) "+
						"VALUES (%[1]d, 'fired', 'fired', 'r', '', 'k%[1]d', '', '', '[]', '[\"e%[1]d\"]');", i+1, e)
				}
				old += "UPDATE delivery SET state = 'accepted', attempts = 1, due = NULL, changed = 9 WHERE event = 1;"
			}
			old += fmt.Sprintf("PRAGMA user_version = %d;", version)
			script(t, path, old)
			says := fmt.Sprintf("older schema version %d; start the bot once", version)
			if _, err := sqlite.OpenReadOnly(path); err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("opened for reading: %v", err)
			}
			for range 2 {
				broughtUp(t, path, &article, &list)
			}
		})
	}
}

// broughtUp opens an old state and looks for what it held.
func broughtUp(t *testing.T, path string, versions ...*nostr.Event) {
	t.Helper()
	l, err := sqlite.Open(path, sqlite.Options{})
	check(t, err)
	seen, err := l.Seen(t.Context(), "r", "old")
	check(t, err)
	at, err := l.Position(t.Context(), "s")
	check(t, err)
	if !seen || at != "7" {
		t.Errorf("the claim is kept: %v; the position is %q", seen, at)
	}
	_, err = l.Commit(t.Context(), engine.Entry{Rule: "r", Key: "new", Wait: "{}"})
	check(t, err)
	if w, err := l.Waiting(t.Context(), "r", 0, 5); err != nil || len(w) != 1 || w[0].Key != "new" {
		t.Errorf("waiting is %v, %v", w, err)
	}
	if times, err := l.Counted(t.Context(), "flood", time.UnixMilli(4)); err != nil || len(times) != 3 || times[2].UnixMilli() != 6 {
		t.Errorf("the counter has the times %v, %v", times, err)
	}
	for _, e := range versions {
		for _, relay := range []string{"", "w"} {
			if got, err := l.Latest(t.Context(), engine.Address(e), relay); err != nil || got == nil || got.CreatedAt != e.CreatedAt {
				t.Errorf("the version of %s at %q is %v, %v", engine.Address(e), relay, got, err)
			}
		}
	}
	rules, err := l.Rules(t.Context(), time.UnixMilli(2))
	check(t, err)
	if r := rules["r"]; r == nil || r.Fired.UnixMilli() != 3 || r.Accepted.UnixMilli() != 9 || r.Outcomes[engine.Fired] != 2 {
		t.Errorf("the rule is %+v", r)
	}
	relays, err := l.RelayReports(t.Context())
	check(t, err)
	if r := relays["w"]; r == nil || r.Settled[engine.Accepted] != 1 || r.Owed != 2 || r.Answered.UnixMilli() != 9 {
		t.Errorf("the relay is %+v", r)
	}
	check(t, l.Close())
}

// TestDamageIsReported damages pages behind the first ones: what reads them must fail, not return less.
func TestDamageIsReported(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rhea.db")
	fill(t, path)
	info, err := os.Stat(path)
	check(t, err)
	scribble(t, path, 3*4096, int(info.Size())-3*4096)
	l, err := sqlite.Open(path, sqlite.Options{})
	if err == nil {
		defer closeOnce(t, l)
		_, err = l.Commit(t.Context(), job(1))
	}
	if err == nil || !strings.Contains(err.Error(), path+" is damaged") {
		t.Errorf("the fault is %v", err)
	}
}

func TestOneProcess(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path, link := filepath.Join(folder, "rhea.db"), filepath.Join(folder, "link.db")
	l, err := sqlite.Open(path, sqlite.Options{})
	check(t, err)
	check(t, os.Symlink(path, link))
	for _, name := range []string{path, link, filepath.Join(folder, ".", "x", "..", "rhea.db")} {
		_, err := sqlite.Open(name, sqlite.Options{})
		if want := fmt.Sprintf("%s is in use by another process (pid %d)", path, os.Getpid()); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("the second opener of %s gets %v, want %q", name, err, want)
		}
	}
	check(t, l.Close())
	l, err = sqlite.Open(path, sqlite.Options{})
	check(t, err)
	check(t, l.Close())
}

// TestOtherProcess leaves the lock to a process that dies without a word.
func TestOtherProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rhea.db")
	victim := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestVictim$")
	victim.Env = append(os.Environ(), victimState+"="+path)
	out, err := victim.StdoutPipe()
	check(t, err)
	check(t, victim.Start())
	_, err = out.Read(make([]byte, 1))
	check(t, err)
	if _, err := sqlite.Open(path, sqlite.Options{}); err == nil ||
		!strings.Contains(err.Error(), fmt.Sprintf("(pid %d)", victim.Process.Pid)) {
		t.Errorf("opened beside process %d: %v", victim.Process.Pid, err)
	}
	check(t, victim.Process.Kill())
	if victim.Wait() == nil {
		t.Error("the victim ended by itself")
	}
	l, err := sqlite.Open(path, sqlite.Options{})
	check(t, err)
	closeOnce(t, l)
}

func TestMode(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rhea.db")
	l, err := sqlite.Open(path, sqlite.Options{})
	check(t, err)
	defer closeOnce(t, l)
	_, err = l.Commit(t.Context(), job(1))
	check(t, err)
	for _, part := range []string{"", "-wal", "-shm", ".lock"} {
		info, err := os.Stat(path + part)
		check(t, err)
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has the mode %o", info.Name(), mode)
		}
	}
}

func TestMissingFolder(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "none", "rhea.db")
	if _, err := sqlite.Open(path, sqlite.Options{}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("the fault is %v", err)
	}
}

// TestInterruptedCreation finds what an earlier process left of a state file that it did not finish.
func TestInterruptedCreation(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rhea.db")
	put(t, path+".new", []byte("half"))
	l, err := sqlite.Open(path, sqlite.Options{})
	check(t, err)
	closeOnce(t, l)
}

// TestReadBeside reads the file as `status` and the sqlite3 shell do, while a bot runs on it.
func TestReadBeside(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rhea.db")
	l, err := sqlite.Open(path, sqlite.Options{})
	check(t, err)
	defer closeOnce(t, l)
	for n := range int64(3) {
		_, err = l.Commit(t.Context(), job(n))
		check(t, err)
	}
	r, err := sqlite.OpenReadOnly(path)
	check(t, err)
	defer func() { check(t, r.Close()) }()
	if seen, err := r.Seen(t.Context(), "rule", key(2)); err != nil || !seen {
		t.Errorf("seen = %v, %v", seen, err)
	}
	if p, err := r.Position(t.Context(), "s"); err != nil || p != "2" {
		t.Errorf("position = %q, %v", p, err)
	}
	if h, err := r.History(t.Context(), engine.HistoryQuery{}); err != nil || len(h) != 3 || h[0].Key != key(2) {
		t.Errorf("history = %v, %v", h, err)
	}
	n := 0
	for d, err := range r.Deliveries(t.Context(), engine.Pending, engine.Retrying) {
		check(t, err)
		if n++; d.State != engine.Pending {
			t.Errorf("delivery %+v", d)
		}
	}
	if n != 6 {
		t.Errorf("%d deliveries, want 6", n)
	}
	shell, err := sqlite3.OpenConn(path, sqlite3.OpenReadOnly)
	check(t, err)
	defer func() { check(t, shell.Close()) }()
	for query, want := range map[string]string{
		"SELECT count(*) FROM outbox WHERE state = 'pending' AND relay = 'wss://a.example'":              "3",
		"SELECT count(*) FROM outbox WHERE committed GLOB '20??-??-??T??:??:??.???Z' AND next IS NULL":   "6",
		"SELECT kind || content FROM outbox WHERE event = '" + key(1) + "' AND rule = 'rule' LIMIT 1":    "1hello " + key(1),
		"SELECT key FROM history WHERE at GLOB '20??-??-??T??:??:??.???Z' AND outcome = 'fired' LIMIT 1": key(2),
		"SELECT json_extract(gates, '$[0].gate') FROM history LIMIT 1":                                   "age",
		"SELECT count(*) FROM claim WHERE rule = 'rule'":                                                 "3",
		"SELECT value FROM position WHERE stream = 's'":                                                  "2",
	} {
		got := ""
		check(t, sqlitex.ExecuteTransient(shell, query, &sqlitex.ExecOptions{ResultFunc: func(s *sqlite3.Stmt) error {
			got = s.ColumnText(0)
			return nil
		}}))
		if got != want {
			t.Errorf("%s = %q, want %q", query, got, want)
		}
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fill makes a good state file with something in it.
func fill(t *testing.T, path string) {
	t.Helper()
	l, err := sqlite.Open(path, sqlite.Options{})
	check(t, err)
	for n := range int64(50) {
		_, err := l.Commit(t.Context(), job(n))
		check(t, err)
	}
	check(t, l.Close())
}

func put(t *testing.T, path string, content []byte) {
	t.Helper()
	check(t, os.WriteFile(path, content, 0o600))
}

func cut(t *testing.T, path string, size int64) {
	t.Helper()
	check(t, os.Truncate(path, size))
}

func scribble(t *testing.T, path string, offset, n int) {
	t.Helper()
	content, err := os.ReadFile(path)
	check(t, err)
	copy(content[offset:offset+n], bytes.Repeat([]byte{0xA5}, n))
	put(t, path, content)
}

func script(t *testing.T, path, text string) {
	t.Helper()
	c, err := sqlite3.OpenConn(path, sqlite3.OpenReadWrite, sqlite3.OpenCreate)
	check(t, err)
	check(t, sqlitex.ExecuteScript(c, text, nil))
	check(t, c.Close())
}
