package recipes

import (
	"bytes"
	"embed"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed */bot.yaml */*.json
var files embed.FS

// botFile is the recipe itself; what else is in its folder it reads.
const botFile = "bot.yaml"

// Group is what belongs together for people who look for a recipe.
type Group struct {
	Title, About string
	Recipes      []Recipe
}

// Recipe is a bot to start from.
type Recipe struct {
	Name string
	// Does is one sentence.
	Does string
	// Change says what to change: a key or several, a colon, and what they are.
	Change []string

	text []byte
}

// All returns the recipes by what people want.
func All() []Group {
	all := shelves()
	groups := make([]Group, len(all))
	for i, s := range all {
		groups[i] = Group{Title: s.title, About: s.about}
		for _, name := range s.names {
			if r, ok := read(name); ok {
				groups[i].Recipes = append(groups[i].Recipes, r)
			}
		}
	}
	return groups
}

// Names returns the names of all recipes, in the order of [All].
func Names() []string {
	var names []string
	for _, s := range shelves() {
		names = append(names, s.names...)
	}
	return names
}

// Find returns the recipe of that name.
func Find(name string) (Recipe, bool) {
	if !slices.Contains(Names(), name) {
		return Recipe{}, false
	}
	return read(name)
}

func read(name string) (Recipe, bool) {
	text, err := files.ReadFile(path.Join(name, botFile))
	if err != nil {
		return Recipe{}, false
	}
	r := Recipe{Name: name, text: bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))}
	r.Does, r.Change = head(string(r.text))
	return r, true
}

// head reads the comments at the head of a recipe.
func head(text string) (does string, change []string) {
	listed := false
	for line := range strings.Lines(text) {
		line, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "#")
		line = strings.TrimPrefix(line, " ")
		item, begins := strings.CutPrefix(line, "- ")
		switch {
		case !ok:
			return does, change
		case line == "What to change:":
			listed = true
		case !listed:
			does = strings.TrimSpace(does + " " + line)
		case begins:
			change = append(change, item)
		case len(change) > 0:
			change[len(change)-1] += " " + strings.TrimSpace(line)
		}
	}
	return does, change
}

// Beside returns the files that the recipe reads, by the names that they have beside its bot.yaml.
func (r Recipe) Beside() map[string][]byte {
	found := make(map[string][]byte)
	all, err := fs.ReadDir(files, r.Name)
	if err != nil {
		return found
	}
	for _, entry := range all {
		if text, err := files.ReadFile(path.Join(r.Name, entry.Name())); err == nil && entry.Name() != botFile {
			found[entry.Name()] = text
		}
	}
	return found
}
