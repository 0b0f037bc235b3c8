package examples_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rhea/engine/config"
)

// pages are what people read.
func pages(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"../*.md", "../docs/*.md", "*.md", "*/README.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatal(pattern, err)
		}
		all = append(all, found...)
	}
	return all
}

// TestConfigurationsInPages asks that every configuration that a page shows can be used as it stands.
func TestConfigurationsInPages(t *testing.T) {
	t.Parallel()
	args := append([]string{"check", "--strict"}, pages(t)...)
	out := newLogReader()
	if code := rhea(t.Context(), args, nil, out); code != 0 {
		t.Fatalf("rhea %s: exit code %d\n%s", strings.Join(args, " "), code, out)
	}
	if strings.Contains(out.String(), "with 0 configurations") {
		t.Errorf("no page shows a configuration: %s", out)
	}
	t.Log(out)
}

// TestPagesAreTested asks that the rules of every page are seen to fire and to stay silent. Those of the cookbook are the
// recipes, word for word, which have tests; those of the README have theirs in testdata.
func TestPagesAreTested(t *testing.T) {
	t.Parallel()
	for _, page := range pages(t) {
		name := filepath.Base(page)
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		blocks := config.Blocks(text)
		switch {
		case len(blocks) == 0 || name == "cookbook.md":
			continue
		case len(blocks) > 1 || !blocks[0].Whole:
			t.Errorf("%s has %d blocks: show whole configurations, with tests in testdata", page, len(blocks))
			continue
		}
		dir := t.TempDir()
		tests, err := os.ReadFile(filepath.Join("testdata", strings.ToLower(strings.TrimSuffix(name, ".md"))+"_test.yaml"))
		if err != nil {
			t.Error(err)
			continue
		}
		for file, content := range map[string][]byte{"bot.yaml": blocks[0].Text, "bot_test.yaml": tests} {
			if err := os.WriteFile(filepath.Join(dir, file), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if said := newBot(t, filepath.Join(dir, "bot.yaml")).rhea(t, "test"); strings.Contains(said, "never tested") {
			t.Errorf("%s: a rule is not tested both ways:\n%s", page, said)
		}
	}
}
