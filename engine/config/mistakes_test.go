package config_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rhea/engine/config"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// prelude is put behind a case that does not say these things itself, so that the lines of the case stay.
var prelude = []struct{ key, text string }{
	{"version:", "version: 1\n"},
	{"identities:", "identities: { main: { key: { env: BOT_NSEC } } }\n"},
	{"relays:", "relays: [wss://relay.example]\n"},
}

func complete(text string) string {
	for _, p := range prelude {
		if !strings.HasPrefix(text, p.key) && !strings.Contains(text, "\n"+p.key) {
			text += p.text
		}
	}
	return text
}

// TestMistakes reads testdata/mistakes: what is written (*.yaml) and what is said about it (*.txt).
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
			got := "nothing\n"
			f, err := config.Parse("bot.yaml", []byte(complete(string(text))), options())
			var problems config.Problems
			switch {
			case errors.As(err, &problems):
				got = problems.Render()
			case err != nil:
				t.Fatal(err)
			case len(f.Warnings) > 0:
				got = f.Warnings.Render()
			}
			for line := range strings.SplitSeq(got, "\n") {
				if n := len([]rune(line)); n > 80 {
					t.Errorf("%d columns: %s", n, line)
				}
			}
			golden := strings.TrimSuffix(name, ".yaml") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil || got != string(want) {
				t.Errorf("got:\n%s", got)
			}
		})
	}
}
