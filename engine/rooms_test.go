package engine_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rooms says which packages of ours each room may import. [TestRoomsTable] compares it with the table of docs/design.md.
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
	{"cmd/screen", []string{"engine"}},
	{"cmd/rhea", []string{"*"}},
	{"cmd/bench", nil},
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

// TestRoomsTable compares the table of arrows that people read with the one that is enforced.
func TestRoomsTable(t *testing.T) {
	t.Parallel()
	read := tableOf(t, designSection(t, "## 2. "), "room")
	for _, r := range rooms {
		want := strings.Join(r.may, ", ")
		switch want {
		case "":
			want = "nothing"
		case "*":
			want = "everything"
		}
		if got, ok := read[r.room]; !ok || got != want {
			t.Errorf("docs/design.md says that %s may import %q; here it is %q", r.room, got, want)
		}
		delete(read, r.room)
	}
	for room := range read {
		t.Errorf("docs/design.md names the room %s, which is not in the table here", room)
	}
}

// TestRoomDocs finds rooms whose doc.go does not say what they may use. cmd/rhea is the main package alone.
func TestRoomDocs(t *testing.T) {
	t.Parallel()
	for _, r := range rooms {
		if r.room == "cmd/rhea" {
			continue
		}
		text, err := os.ReadFile(filepath.Join("..", r.room, "doc.go"))
		if err != nil {
			t.Error(err)
			continue
		}
		if !mayUse.Match(text) {
			t.Errorf("%s/doc.go does not say what the room may use", r.room)
		}
	}
}

var mayUse = regexp.MustCompile(`(may use|may import|imports no|imports nothing)`)

// designSection returns the section of docs/design.md whose title begins so.
func designSection(t *testing.T, title string) string {
	t.Helper()
	text, err := os.ReadFile("../docs/design.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(text), "\n"+title)
	if !ok {
		t.Fatalf("docs/design.md has no section %q", title)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	return section
}

// tableOf returns the second column of a table by the first one. The table is found by the name of its first column.
func tableOf(t *testing.T, text, first string) map[string]string {
	t.Helper()
	_, rows, ok := strings.Cut(text, "\n| "+first+" |")
	if !ok {
		t.Fatalf("docs/design.md has no table of %q", first)
	}
	table := make(map[string]string)
	for line := range strings.SplitSeq(rows, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) == 4 && !strings.Contains(line, "---") {
			table[strings.TrimSpace(cells[1])] = strings.TrimSpace(cells[2])
		}
	}
	return table
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
