package cmd_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"rhea/cmd"
)

// TestInit answers the four questions in every way, and asks that what is written checks without a warning, passes its
// tests, and that nobody else can read the key.
func TestInit(t *testing.T) {
	t.Parallel()
	run := func(in string, args ...string) (int, string) {
		var out bytes.Buffer
		code := cmd.Run(t.Context(), args, cmd.Streams{
			In: strings.NewReader(in), Out: &out, Err: &out, LookupEnv: func(string) (string, bool) { return "", false },
		}, kinds())
		return code, out.String()
	}
	for name, answers := range map[string]string{
		"nothing":   "",
		"all":       "Ann \"$bot\" 'x': #1\nwss://relay.example, ws://127.0.0.1:7777\nhttps://blog.example/feed.xml?a=b&c=d\nyes\n",
		"feed only": "Feed\n\nhttps://blog.example/feed.xml\nno\n",
		"neither":   "Clock\n\n\nno\n",
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "bot")
			code, said := run(answers, "init", "--dir", dir)
			if code != 0 || strings.Count(said, "? ") != 4 || strings.Contains(said, "nsec1") {
				t.Fatalf("exit code %d:\n%s", code, said)
			}
			path := filepath.Join(dir, "bot.yaml")
			if code, said := run("", "check", "--strict", "-c", path); code != 0 {
				t.Errorf("check: exit code %d:\n%s", code, said)
			}
			if code, said := run("", "test", "-c", path); code != 0 || strings.Contains(said, "never tested") {
				t.Errorf("test: exit code %d:\n%s", code, said)
			}
			text, err := os.ReadFile(path)
			if err != nil || !bytes.HasPrefix(text, []byte("# yaml-language-server: $schema=./rhea.schema.json\n")) {
				t.Errorf("%v; the file begins %.60q", err, text)
			}
			info, err := os.Stat(filepath.Join(dir, "bot.key"))
			if err != nil {
				t.Fatal(err)
			}
			if mode := info.Mode().Perm(); mode != 0o600 && runtime.GOOS != "windows" {
				t.Errorf("the key file has the mode %o", mode)
			}
		})
	}
}
