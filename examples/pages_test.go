package examples_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestConfigurationsInPages asks that every configuration that a page shows can be used as it stands.
func TestConfigurationsInPages(t *testing.T) {
	t.Parallel()
	args := []string{"check", "--strict"}
	for _, pattern := range []string{"../*.md", "../docs/*.md", "*.md", "*/README.md"} {
		pages, err := filepath.Glob(pattern)
		if err != nil || len(pages) == 0 {
			t.Fatal(pattern, err)
		}
		args = append(args, pages...)
	}
	out := newLogReader()
	if code := rhea(t.Context(), args, nil, out); code != 0 {
		t.Fatalf("rhea %s: exit code %d\n%s", strings.Join(args, " "), code, out)
	}
	if strings.Contains(out.String(), "with 0 configurations") {
		t.Errorf("no page shows a configuration: %s", out)
	}
	t.Log(out)
}
