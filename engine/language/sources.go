package language

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"reflect"
	"strconv"
	"strings"

	"rhea/engine"
	"rhea/engine/config"
)

// comments are the comments in Go files on fields, of methods ("rhea/triggers/feed.Config.URL") and of kinds
// ("rhea/triggers/feed trigger feed").
type comments map[string]string

// ofKind is where [comments] have what is said of a kind; what is "trigger" or "action".
func ofKind(pkg, what, name string) string { return pkg + " " + what + " " + name }

// commentsOf reads the sources that the configuration and the kinds hand over.
func commentsOf(shape config.Shape, kinds engine.Kinds) comments {
	c := comments{}
	read := make(map[any]bool)
	add := func(sources map[string]fs.FS) {
		for pkg, files := range sources {
			// All kinds of a package hand over the same files, which are read once where that can be seen.
			key := [2]any{pkg, files}
			if reflect.ValueOf(key).Comparable() {
				if read[key] {
					continue
				}
				read[key] = true
			}
			c.read(pkg, files)
		}
	}
	add(shape.Sources)
	for _, k := range kinds.Triggers {
		add(k.Sources)
	}
	for _, k := range kinds.Actions {
		add(k.Sources)
	}
	return c
}

// read gathers the comments of one package. A file that cannot be read, or is no Go, explains nothing.
func (c comments) read(pkg string, files fs.FS) {
	names, _ := fs.Glob(files, "*.go")
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil || strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				c.function(pkg, d)
			case *ast.GenDecl:
				c.types(pkg, d)
			}
		}
	}
}

// types takes the comments of the fields of structs.
func (c comments) types(pkg string, d *ast.GenDecl) {
	for _, spec := range d.Specs {
		t, ok := spec.(*ast.TypeSpec)
		if !ok {
			continue
		}
		s, ok := t.Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, f := range s.Fields.List {
			for _, name := range f.Names {
				c[pkg+"."+t.Name.Name+"."+name.Name] = about(name.Name, f.Doc)
			}
		}
	}
}

// function takes the comment of a method, or of a function that declares a kind.
func (c comments) function(pkg string, d *ast.FuncDecl) {
	said := about(d.Name.Name, d.Doc)
	switch {
	case d.Recv != nil:
		c[pkg+"."+nameOf(d.Recv.List[0].Type)+"."+d.Name.Name] = said
	case d.Body == nil || d.Type.Results.NumFields() != 1:
	case nameOf(d.Type.Results.List[0].Type) == "TriggerKind":
		c.kind(pkg, "trigger", d.Body, "NewTriggerKind", said)
	case nameOf(d.Type.Results.List[0].Type) == "ActionKind":
		c.kind(pkg, "action", d.Body, "NewActionKind", said)
	}
}

// kind takes what is said of a function for the kind that it makes: engine.NewTriggerKind("feed", …).
func (c comments) kind(pkg, what string, body *ast.BlockStmt, maker, said string) {
	ast.Inspect(body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || nameOf(call.Fun) != maker || len(call.Args) == 0 {
			return true
		}
		if text, ok := call.Args[0].(*ast.BasicLit); ok {
			if name, err := strconv.Unquote(text.Value); err == nil {
				c[ofKind(pkg, what, name)] = said
			}
		}
		return true
	})
}

// nameOf is the name of a type or a function, without its package, pointer and type parameters; "" when it has none.
func nameOf(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		return x.Sel.Name
	case *ast.StarExpr:
		return nameOf(x.X)
	case *ast.IndexExpr:
		return nameOf(x.X)
	case *ast.IndexListExpr:
		return nameOf(x.X)
	}
	return ""
}
