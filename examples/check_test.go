package examples_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// secretForm matches keys as people paste them.
var secretForm = regexp.MustCompile(`(?i)\b(nsec1|ncryptsec1)[a-z0-9]{6,}|\b[0-9a-f]{64}\b`)

// files are the configurations beside the recipes, which have tests of their own.
func files() []string { return []string{"embed/bot.yaml", filepath.Join("..", "bot.yaml.example")} }

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, path := range files() {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			b := newBot(t, path)
			if filepath.Dir(path) == "embed" {
				b.program = buildEmbed(t)
			}
			if said := b.rhea(t, "check"); strings.Contains(said, "warning") {
				t.Errorf("check warns:\n%s", said)
			}
		})
	}
}

func TestNoSecrets(t *testing.T) {
	t.Parallel()
	recipes, err := filepath.Glob("recipes/*/*.*")
	if err != nil || len(recipes) == 0 {
		t.Fatal(recipes, err)
	}
	for _, path := range append(files(), recipes...) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if found := secretForm.Find(text); found != nil {
			t.Errorf("%s holds what looks like a key: %.10s…", path, found)
		}
	}
}

// TestRehearse runs the tests of every example, without a key, and asks that each rule is seen to fire and to stay
// silent.
func TestRehearse(t *testing.T) {
	t.Parallel()
	for _, path := range files() {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			b := newBot(t, path)
			delete(b.env, "BOT_NSEC")
			if filepath.Dir(path) == "embed" {
				b.program = buildEmbed(t)
			}
			if said := b.rhea(t, "test"); strings.Contains(said, "never tested") {
				t.Errorf("a rule is not tested both ways:\n%s", said)
			}
		})
	}
}
