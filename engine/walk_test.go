package engine_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	// maxHops is how long the walk of one mention may be.
	maxHops = 15
	// wayInAndOut is the one room that the walk enters twice: the same connections bring what others write and take what
	// is owed.
	wayInAndOut = "relay"
)

// hop is a function of the walk of docs/design.md, and what it asks for values.
type hop struct {
	name string
	asks []string
}

// TestWalk holds the walk of one mention in docs/design.md against the code: all its names are there, each hop uses
// what it hands on to, and no hop returns to a room that was left.
func TestWalk(t *testing.T) {
	t.Parallel()
	text := designSection(t, "## 4. ")
	code := readCode(t)
	for _, name := range codeNames.FindAllStringSubmatch(text, -1) {
		if !code.declares(name[1]) {
			t.Errorf("docs/design.md names %s, which is not in the code", name[1])
		}
	}
	walk := hopsOf(text)
	if n := len(walk); n == 0 || n > maxHops {
		t.Fatalf("the walk has %d hops, and may have up to %d", n, maxHops)
	}
	for i, h := range walk {
		next := h.asks
		if i+1 < len(walk) {
			next = append(slices.Clone(next), walk[i+1].name)
		}
		for _, to := range next {
			if !code.uses(roomOf(h.name), to) {
				t.Errorf("hop %d: nothing in %s calls what is called as %s is", i+1, roomOf(h.name), to)
			}
		}
	}
	checkRooms(t, walk)
}

// TestDesignFiles finds names of files in docs/design.md that are no longer there.
func TestDesignFiles(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/design.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range regexp.MustCompile("`([a-z_/]+/[a-z_]+\\.[a-z]+)`").FindAllStringSubmatch(string(text), -1) {
		if _, err := os.Stat(filepath.Join("..", name[1])); err != nil {
			t.Errorf("docs/design.md names a file that is not there: %v", err)
		}
	}
}

// checkRooms finds hops that return to a room. What is asked is in the room of its hop, or in one that is no hop.
func checkRooms(t *testing.T, walk []hop) {
	t.Helper()
	var order []string
	for _, h := range walk {
		if room := roomOf(h.name); len(order) == 0 || order[len(order)-1] != room {
			order = append(order, room)
		}
	}
	for i, room := range order {
		end := i == len(order)-1 && room == wayInAndOut && order[0] == wayInAndOut
		if slices.Contains(order[:i], room) && !end {
			t.Errorf("the walk returns to %s, which it had left: %v", room, order)
		}
	}
	for i, h := range walk {
		for _, name := range h.asks {
			if room := roomOf(name); room != roomOf(h.name) && slices.Contains(order, room) {
				t.Errorf("hop %d asks %s, a room that has a hop of its own", i+1, room)
			}
		}
	}
}

var (
	// codeNames are names of functions and methods: `package.Function`, `package.Type.Method`.
	codeNames = regexp.MustCompile("`([a-z]+(?:\\.[A-Za-z]+){1,2})`")
	hopLine   = regexp.MustCompile("^[0-9]+\\. `([^`]+)`")
)

// hopsOf reads the numbered list of a text.
func hopsOf(text string) []hop {
	var walk []hop
	for line := range strings.SplitSeq(text, "\n") {
		if m := hopLine.FindStringSubmatch(line); m != nil {
			walk = append(walk, hop{name: m[1]})
		} else if strings.HasPrefix(line, "   - asks ") {
			last := &walk[len(walk)-1]
			for _, m := range codeNames.FindAllStringSubmatch(line, -1) {
				last.asks = append(last.asks, m[1])
			}
		}
	}
	return walk
}

func roomOf(name string) string {
	room, _, _ := strings.Cut(name, ".")
	return room
}

// code is what packages declare, as package.Function and package.Type.Method, and the names that each of them uses.
type code struct {
	declared map[string]bool
	used     map[string]map[string]bool
}

func (c code) declares(name string) bool { return c.declared[name] }

// uses reports whether a package uses the last part of a name: calls go through interfaces and function values.
func (c code) uses(room, name string) bool {
	return c.used[room][name[strings.LastIndex(name, ".")+1:]]
}

// readCode reads the production files of all rooms.
func readCode(t *testing.T) code {
	t.Helper()
	c := code{make(map[string]bool), make(map[string]map[string]bool)}
	for name := range goFiles(t, "..") {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		room := path.Base(path.Dir(name))
		if c.used[room] == nil {
			c.used[room] = make(map[string]bool)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				c.declared[room+"."+receiverOf(n)+n.Name.Name] = true
			case *ast.SelectorExpr:
				c.used[room][n.Sel.Name] = true
			}
			return true
		})
	}
	return c
}

// receiverOf returns the type that a method belongs to, with a dot, and nothing for a function.
func receiverOf(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	typ := f.Recv.List[0].Type
	for {
		switch t := typ.(type) {
		case *ast.StarExpr:
			typ = t.X
		case *ast.IndexExpr:
			typ = t.X
		case *ast.Ident:
			return t.Name + "."
		default:
			return ""
		}
	}
}
