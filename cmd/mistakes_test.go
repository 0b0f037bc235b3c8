package cmd_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rhea/engine/config"
)

// TestMistakes reads testdata/mistakes with the kinds that are shipped: what is written (*.yaml) and what is said about it
// (*.txt), in 80 columns.
func TestMistakes(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/mistakes/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".yaml"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			text = append(text, "version: 1\nidentities: { main: { key: { env: BOT_NSEC }, profile: { name: bot } } }\nrelays: [wss://relay.example]\n"...)
			f, err := config.Parse("bot.yaml", text, config.Options{Kinds: kinds(), LookupEnv: func(string) (string, bool) { return "", false }})
			var problems config.Problems
			if err == nil {
				problems = f.Warnings
			} else if !errors.As(err, &problems) {
				t.Fatal(err)
			}
			got := problems.Render()
			for line := range strings.Lines(got) {
				if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 80 {
					t.Errorf("%d columns: %s", n, line)
				}
			}
			said := strings.TrimSuffix(name, ".yaml") + ".txt"
			if *update {
				if err := os.WriteFile(said, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(said)
			if err != nil || got != string(want) {
				t.Errorf("%v; got:\n%s", err, got)
			}
		})
	}
}
