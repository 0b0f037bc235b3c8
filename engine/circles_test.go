package engine_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"testing"
)

// fewFiles is up to how many files of a package may know each other as they like.
const fewFiles = 5

// circles are the packages of more than a few files in which files know each other in a circle, with the size of the
// largest one. None may grow, and what is cut is taken out of the table.
var circles = map[string]struct {
	most int
	why  string
}{
	// Not to be cut: halves of one thing, which would only name each other from further away.
	"engine/config":     {24, "a decoder for values that hold each other, and the places of all of them"},
	"engine/expression": {12, "a compiler, what it knows of functions and data, and what it compiles"},
	"engine/relay":      {26, "connections and subscriptions: 31 names one way, 68 the other"},
}

// TestCircles finds files of a package that use each other in a circle, so that none can be read without the others.
func TestCircles(t *testing.T) {
	t.Parallel()
	checked := make(map[string]bool)
	for dir, files := range packageFiles(t) {
		if len(files) <= fewFiles {
			continue
		}
		checked[dir] = true
		largest := largestCircle(usesIn(t, files))
		row, known := circles[dir]
		switch n := len(largest); {
		case n > max(row.most, 1):
			t.Errorf("%s: %d files know each other in a circle, and may be %d: %v", dir, n, max(row.most, 1), largest)
		case known && n < 2:
			t.Errorf("%s has no circle any more: take its row out of the table", dir)
		case known && n < row.most:
			t.Errorf("the largest circle in %s has %d files now: lower its row in the table from %d", dir, n, row.most)
		}
	}
	for dir, row := range circles {
		if !checked[dir] || row.why == "" {
			t.Errorf("the row of %s has no reason, or stands for no package of more than %d files", dir, fewFiles)
		}
	}
}

// packageFiles returns the production files by the folder that they are in.
func packageFiles(t *testing.T) map[string][]string {
	t.Helper()
	by := make(map[string][]string)
	for name := range goFiles(t, "..") {
		by[path.Dir(name)] = append(by[path.Dir(name)], name)
	}
	return by
}

// fileUses says of each file which others declare what it uses.
type fileUses map[string]map[string]bool

// usesIn resolves what the files of one package use of each other.
func usesIn(t *testing.T, names []string) fileUses {
	t.Helper()
	fset, uses := token.NewFileSet(), make(fileUses)
	var files []*ast.File
	for _, name := range names {
		file, err := parser.ParseFile(fset, filepath.Join("..", name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
		uses[path.Base(name)] = make(map[string]bool)
	}
	info := types.Info{Uses: make(map[*ast.Ident]types.Object)}
	// What other packages declare is not known here, and the errors that come of it do not matter.
	conf := types.Config{Importer: unknownPackages{}, Error: func(error) {}, FakeImportC: true}
	pkg, _ := conf.Check(path.Dir(names[0]), fset, files, &info)
	for ident, object := range info.Uses {
		if object.Pkg() != pkg || !object.Pos().IsValid() {
			continue
		}
		from, to := fileOf(fset, ident.Pos()), fileOf(fset, object.Pos())
		if from != to {
			uses[from][to] = true
		}
	}
	return uses
}

func fileOf(fset *token.FileSet, pos token.Pos) string {
	return filepath.Base(fset.Position(pos).Filename)
}

// unknownPackages stands for every import.
type unknownPackages struct{}

func (unknownPackages) Import(name string) (*types.Package, error) {
	p := types.NewPackage(name, path.Base(name))
	p.MarkComplete()
	return p, nil
}

// largestCircle returns the most files that all reach each other, sorted.
func largestCircle(uses fileUses) []string {
	reach := make(fileUses, len(uses))
	for file := range uses {
		reach[file] = make(map[string]bool)
		uses.follow(file, reach[file])
	}
	var largest []string
	for _, file := range slices.Sorted(maps.Keys(uses)) {
		circle := []string{file}
		for to := range reach[file] {
			if to != file && reach[to][file] {
				circle = append(circle, to)
			}
		}
		if len(circle) > len(largest) {
			largest = circle
		}
	}
	slices.Sort(largest)
	return largest
}

// follow adds all that a file uses, directly or through others.
func (u fileUses) follow(file string, reached map[string]bool) {
	for to := range u[file] {
		if !reached[to] {
			reached[to] = true
			u.follow(to, reached)
		}
	}
}
