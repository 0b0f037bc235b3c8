package engine_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rooms says which packages of ours each room may import. The table of docs/design.md, enforced.
var rooms = []struct {
	room string
	may  []string
}{
	{"engine", nil},
	{"engine/text", nil},
	{"engine/reference", nil},
	{"engine/thread", nil},
	{"engine/web", nil},
	{"engine/expression", []string{"engine", "engine/text", "engine/reference"}},
	{"engine/config", []string{"engine", "engine/expression"}},
	{"engine/language", []string{"engine", "engine/config", "engine/expression"}},
	{"engine/relay", []string{"engine", "engine/relay/wire"}},
	{"engine/relay/wire", nil},
	{"engine/relay/local", nil},
	{"engine/relay/relaytest", []string{"engine/relay/local"}},
	{"engine/lookup", []string{"engine"}},
	{"engine/identity", []string{"engine", "engine/key", "engine/reference"}},
	{"engine/sign", []string{"engine"}},
	{"engine/delivery", []string{"engine", "engine/sign"}},
	{"engine/gate", []string{"engine", "engine/lookup"}},
	{"engine/queue", []string{"engine", "engine/gate"}},
	{"engine/pipeline", []string{"engine", "engine/gate", "engine/queue", "engine/sign", "engine/identity"}},
	{"engine/bot", []string{
		"engine", "engine/delivery", "engine/gate", "engine/identity", "engine/lookup", "engine/pipeline", "engine/queue", "engine/sign",
	}},
	{"engine/relaylist", []string{"engine", "engine/lookup", "engine/web"}},
	{"engine/key", []string{"engine"}},
	{"engine/profile", []string{"engine"}},
	{"engine/ledger", []string{"engine"}},
	{"engine/ledger/memory", []string{"engine", "engine/ledger"}},
	{"engine/ledger/sqlite", []string{"engine", "engine/ledger"}},
	{"engine/rehearsal", []string{"engine", "engine/bot", "engine/config", "engine/identity", "engine/key", "engine/ledger/memory", "engine/reference"}},
	{"engine/enginetest", []string{"engine"}},
	{"triggers", []string{"engine", "triggers/events", "triggers/feed", "triggers/schedule"}},
	{"triggers/cron", nil},
	{"triggers/events", []string{"engine", "engine/lookup", "engine/text", "engine/reference", "engine/thread"}},
	{"triggers/feed", []string{"engine", "engine/text", "engine/web", "triggers/cron"}},
	{"triggers/schedule", []string{"engine", "triggers/cron"}},
	{"actions", []string{"engine", "engine/text", "engine/reference", "engine/thread", "engine/web"}},
	{"cmd", []string{"*"}},
	{"cmd/control", []string{"engine", "engine/delivery", "engine/ledger", "engine/ledger/sqlite"}},
	{"cmd/rhea", []string{"*"}},
	{"examples", []string{"*"}},
}

// TestRooms walks the import graph: an arrow the wrong way, a package outside the rooms and a test package in
// production code all fail here.
func TestRooms(t *testing.T) {
	t.Parallel()
	found := make(map[string]bool)
	for file := range goFiles(t, "..") {
		room := path.Dir(file)
		if strings.HasPrefix(room, "examples") {
			room = "examples"
		}
		i := slices.IndexFunc(rooms, func(r struct {
			room string
			may  []string
		}) bool {
			return r.room == room
		})
		if i < 0 {
			t.Errorf("%s: %s is not a room of the house; see docs/design.md", file, room)
			continue
		}
		found[room] = true
		for _, to := range ownImports(t, file) {
			if !slices.Contains(rooms[i].may, to) && !slices.Contains(rooms[i].may, "*") {
				t.Errorf("%s imports %s; %s may import only %v of ours", file, to, room, rooms[i].may)
			}
			if strings.HasSuffix(to, "test") && room != "engine/relay/relaytest" && room != "engine/enginetest" {
				t.Errorf("%s imports the test package %s", file, to)
			}
		}
	}
	for _, r := range rooms {
		if !found[r.room] {
			t.Errorf("the room %s is empty", r.room)
		}
	}
}

// goFiles yields the production files below root, by their path from there.
func goFiles(t *testing.T, root string) func(func(string) bool) {
	t.Helper()
	return func(yield func(string) bool) {
		err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
				return fs.SkipDir
			case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
				return nil
			case !yield(name):
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func ownImports(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", file), nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var own []string
	for _, spec := range parsed.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if to, ok := strings.CutPrefix(name, "rhea/"); ok {
			own = append(own, to)
		}
	}
	return own
}
