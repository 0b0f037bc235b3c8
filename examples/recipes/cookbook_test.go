package recipes_test

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"rhea/examples/recipes"
)

var update = flag.Bool("update", false, "rewrite docs/cookbook.md")

// TestCookbook asks that docs/cookbook.md is what the recipes say.
func TestCookbook(t *testing.T) {
	t.Parallel()
	const path = "../../docs/cookbook.md"
	want := recipes.Cookbook()
	if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, want) {
		return
	}
	if !*update {
		t.Fatal("docs/cookbook.md is not what the recipes say: go test ./examples/recipes -run TestCookbook -update")
	}
	if err := os.WriteFile(path, want, 0o644); err != nil {
		t.Fatal(err)
	}
}
