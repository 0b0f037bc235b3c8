package engine_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// wallClock is how often a room asks the clock on the wall itself, not the one it was handed ([engine.Clock],
// [engine.Setup]). Rooms that are not named must not; a smaller number must be written down here.
var wallClock = map[string]int{
	"engine/bot":        2,  // how long a trigger has run: a span
	"engine/delivery":   9,  // what relays say holds by the clock on the wall; a rehearsal delivers nothing
	"engine/lookup":     6,  // spans, and how long what was found counts
	"engine/sign":       1,  // forgets versions that were dated long ago
	"triggers/events":   2,  // what the filters of a REQ ask for
	"triggers/feed":     14, // when a feed may be asked again
	"triggers/schedule": 2,  // without a clock that was handed in, and what `check` foresees
}

// TestClock looks for time.Now in the rooms that judge signals.
func TestClock(t *testing.T) {
	t.Parallel()
	found := make(map[string]int)
	for file := range goFiles(t, "..") {
		room := path.Dir(file)
		switch {
		case file == "engine/clock.go":
			continue
		case room == "engine", strings.HasPrefix(room, "triggers"), strings.HasPrefix(room, "actions"):
		case strings.HasPrefix(room, "engine/") && clocked[path.Base(room)]:
		default:
			continue
		}
		found[room] += nowIn(t, file)
	}
	for room, n := range found {
		if n != wallClock[room] {
			t.Errorf("%s asks time.Now %d times, want %d: use the clock that it is handed", room, n, wallClock[room])
		}
	}
}

// clocked are the rooms below engine that work by a clock that is handed to them.
var clocked = map[string]bool{
	"bot": true, "pipeline": true, "gate": true, "queue": true, "sign": true, "identity": true, "delivery": true, "lookup": true,
}

func nowIn(t *testing.T, file string) (n int) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", file), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(node ast.Node) bool {
		if s, ok := node.(*ast.SelectorExpr); ok && s.Sel.Name == "Now" {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" {
				n++
			}
		}
		return true
	})
	return n
}
