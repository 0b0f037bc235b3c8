package cmd_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestFirstHour does what the README tells a newcomer, command by command, and asks for the answer that it shows.
func TestFirstHour(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "\nFrom a clone to an answer of your own bot, in ")
	number, section, _ := strings.Cut(section, " commands:")
	block, shown, _ := strings.Cut(section, "\n```\n\n```\n")
	answer := regexp.MustCompile(`│ (.+)`).FindStringSubmatch(shown)
	commands := regexp.MustCompile(`(?m)^\$ (.+?) *(?:#.*)?$`).FindAllStringSubmatch(block, -1)
	if len(commands) != 7 || number != "seven" || answer == nil {
		t.Fatalf("the README promises %s commands and has %d: %q; the answer is %q", number, len(commands), commands, answer)
	}
	var script strings.Builder
	for _, c := range commands {
		script.WriteString(scripted(c[1], regexp.QuoteMeta(answer[1])) + "\n")
	}
	path := filepath.Join(t.TempDir(), "first-hour.txtar")
	if err := os.WriteFile(path, []byte(script.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Files: []string{path}, RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"until": until},
	})
}

// scripted is a command of the README as a script has it. The program is built already, the demo may be shorter, and two
// terminals are a command in the background and one that is tried until the other is there.
func scripted(command, answer string) string {
	command = strings.ReplaceAll(strings.Replace(command, "--for 15s", "--for 1s", 1), `"`, `'`)
	said, isSaid := strings.CutPrefix(command, "rhea say ")
	switch {
	case strings.HasPrefix(command, "go install"):
		return "exec rhea version"
	case strings.Contains(command, "--sandbox"):
		return "exec " + command + " &"
	case isSaid:
		return "until '" + answer + "' say " + said
	}
	return "exec " + command
}
