package language_test

import (
	"bytes"
	"flag"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"rhea/actions"
	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/language"
	"rhea/triggers"
)

var update = flag.Bool("update", false, "rewrite docs/reference.md")

func shippedKinds() engine.Kinds {
	return engine.Kinds{Triggers: triggers.Kinds(), Actions: actions.Kinds()}
}

func shipped() language.Language { return language.Describe(shippedKinds()) }

// TestReference asks that docs/reference.md is what the comments in the code say.
func TestReference(t *testing.T) {
	t.Parallel()
	const path = "../../docs/reference.md"
	want := shipped().Reference()
	if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, want) {
		return
	}
	if !*update {
		t.Fatal("docs/reference.md is not what the comments say: go test ./engine/language -run TestReference -update")
	}
	if err := os.WriteFile(path, want, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestEveryKeyIsExplained asks that the reference and the schema say something of every kind, key and variable.
func TestEveryKeyIsExplained(t *testing.T) {
	t.Parallel()
	l := shipped()
	said := func(doc, what, name string) {
		t.Helper()
		if doc == "" {
			t.Errorf("the %s %s has no comment, or the go:embed line of its package leaves out its file", what, name)
		}
	}
	var walk func(path string, keys []language.Key)
	walk = func(path string, keys []language.Key) {
		for _, k := range keys {
			said(k.Doc, "key", path+"."+k.Name)
			walk(path+"."+k.Name, k.Keys)
		}
	}
	walk("file", l.File)
	walk("beside", l.Beside)
	for _, k := range slices.Concat(l.Triggers, l.Actions) {
		said(k.Doc, "kind", k.Name)
		walk(k.Name, k.Keys)
		for _, v := range k.Variables {
			said(v.Doc, "variable", k.Name+" "+v.Name)
		}
	}
}

// TestSources asks that no test becomes a part of the program with the sources that it carries.
func TestSources(t *testing.T) {
	t.Parallel()
	embedded := make(map[string]fs.FS)
	add := func(sources map[string]fs.FS) { maps.Copy(embedded, sources) }
	add(config.Language().Sources)
	for _, k := range triggers.Kinds() {
		add(k.Sources)
	}
	for _, k := range actions.Kinds() {
		add(k.Sources)
	}
	for pkg, files := range embedded {
		names, err := fs.Glob(files, "*")
		if err != nil || len(names) == 0 {
			t.Errorf("%s: %d files: %v", pkg, len(names), err)
		}
		for _, name := range names {
			if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				t.Errorf("%s embeds %s", pkg, name)
			}
		}
	}
}
