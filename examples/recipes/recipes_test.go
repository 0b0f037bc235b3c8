package recipes_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"rhea/actions"
	"rhea/cmd"
	"rhea/engine"
	"rhea/examples/recipes"
	"rhea/triggers"
)

// rhea runs the program as it is shipped, without any environment.
func rhea(t *testing.T, args ...string) (int, string) {
	t.Helper()
	var said bytes.Buffer
	kinds := engine.Kinds{Triggers: triggers.Kinds(), Actions: actions.Kinds()}
	code := cmd.Run(t.Context(), args, cmd.Streams{
		In: strings.NewReader(""), Out: &said, Err: &said, LookupEnv: func(string) (string, bool) { return "", false },
	}, kinds)
	return code, said.String()
}

// TestShelves asks that every folder stands on a shelf, once, and that nothing else does.
func TestShelves(t *testing.T) {
	t.Parallel()
	found, err := fs.Glob(os.DirFS("."), "*/bot.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for i := range found {
		found[i] = filepath.Dir(found[i])
	}
	names := slices.Sorted(slices.Values(recipes.Names()))
	if !slices.Equal(names, found) {
		t.Errorf("the shelves have %s,\nthe folders are %s", names, found)
	}
	if len(names) < 30 {
		t.Errorf("there are only %d recipes", len(names))
	}
}

// TestRecipes checks every recipe, runs its tests, and asks that each rule is seen to fire and to stay silent.
func TestRecipes(t *testing.T) {
	t.Parallel()
	for _, name := range recipes.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(name, "bot.yaml")
			if code, said := rhea(t, "check", "--strict", "--skip-keys", "-c", path); code != 0 {
				t.Errorf("check: exit code %d\n%s", code, said)
			}
			if code, said := rhea(t, "test", path); code != 0 || strings.Contains(said, "never tested") {
				t.Errorf("test: exit code %d\n%s", code, said)
			}
		})
	}
}

// key is what an entry of "What to change" begins with: a key or several.
var key = regexp.MustCompile(`^[\w.]+((, | and | or )[\w.]+)*: `)

// TestHeads asks that every recipe explains itself: a sentence that fits beside its name on a terminal, and what to
// change, by keys that stand in it.
func TestHeads(t *testing.T) {
	t.Parallel()
	for _, name := range recipes.Names() {
		r, ok := recipes.Find(name)
		if !ok {
			t.Errorf("there is no %s", name)
			continue
		}
		if n := utf8.RuneCountInString(r.Does); n == 0 || n > 56 || !strings.HasSuffix(r.Does, ".") || len(name) > 20 {
			t.Errorf("%s: a sentence of %d characters: %q", name, n, r.Does)
		}
		text := string(r.Own("Name", "Key", "Relays"))
		_, body, _ := strings.Cut(text, "\nversion: 1\n")
		if len(r.Change) == 0 || body == "" {
			t.Errorf("%s does not say what to change", name)
		}
		for _, c := range r.Change {
			keys := key.FindString(c)
			if keys == "" {
				t.Errorf("%s: an entry of what to change begins with no key: %q", name, c)
			}
			for _, k := range regexp.MustCompile(`[\w.]+`).FindAllString(keys, -1) {
				if k != "and" && k != "or" && !strings.Contains(body, k) && r.Beside()[k] == nil {
					t.Errorf("%s: there is no %s to change", name, k)
				}
			}
		}
	}
}

// TestOwn makes every recipe somebody's own: nothing of the example's key, relays and name is left.
func TestOwn(t *testing.T) {
	t.Parallel()
	for _, name := range recipes.Names() {
		r, _ := recipes.Find(name)
		const own, key, relays = `"Ann: \"my\" #1 {bot}, $$5"`, "{ file: ./bot.key }", `["wss://relay.ann.example"]`
		text := string(r.Own(own, key, relays))
		for left, most := range map[string]int{"BOT_NSEC": 0, "\n    profile: { name: " + r.BotName(): 0, own: 1, key: 1, relays: 1} {
			if r.BotName() == "" && most == 0 && left != "BOT_NSEC" || r.BotName() == "" && left == own {
				continue
			}
			if got := strings.Count(text, left); got != most {
				t.Errorf("%s has %q %d times", name, left, got)
			}
		}
		dir := t.TempDir()
		path := filepath.Join(dir, "bot.yaml")
		for file, content := range r.Beside() {
			write(t, filepath.Join(dir, file), content)
		}
		write(t, path, []byte(text))
		if code, said := rhea(t, "check", "--strict", "--skip-keys", "-c", path); code != 0 {
			t.Errorf("%s as somebody's own: exit code %d\n%s", name, code, said)
		}
	}
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
