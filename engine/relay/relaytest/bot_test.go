package relaytest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryBehaviourIsTestedWithABot makes sure that whatever a relay can be told is told to one in a test of the relay room,
// which states what a bot does about it.
func TestEveryBehaviourIsTestedWithABot(t *testing.T) {
	t.Parallel()
	tests, err := filepath.Glob("../*_test.go")
	if err != nil || len(tests) == 0 {
		t.Fatalf("no tests: %v", err)
	}
	var text strings.Builder
	for _, path := range tests {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(b)
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, path := range sources {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !f.Name.IsExported() || f.Type.Results == nil {
				continue
			}
			result, ok := f.Type.Results.List[0].Type.(*ast.Ident)
			if !ok || result.Name != "Behaviour" || limits(f) {
				continue
			}
			found++
			if !strings.Contains(text.String(), "relaytest."+f.Name.Name+"(") {
				t.Errorf("no test of the relay room tells a relay to %s", f.Name.Name)
			}
		}
	}
	if found < 30 {
		t.Errorf("found %d behaviours only", found)
	}
}

// limits reports whether f says only when another behaviour shows.
func limits(f *ast.FuncDecl) bool {
	for _, p := range f.Type.Params.List {
		if name, ok := p.Type.(*ast.Ident); ok && name.Name == "Behaviour" {
			return true
		}
	}
	return false
}
