package recipes

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Cookbook returns the page about the recipes, as Markdown.
func Cookbook() []byte {
	var p strings.Builder
	p.WriteString(strings.ReplaceAll(preface, "COUNT", strconv.Itoa(len(Names()))))
	for _, g := range All() {
		var links []string
		for _, r := range g.Recipes {
			links = append(links, fmt.Sprintf("[%[1]s](#%[1]s)", r.Name))
		}
		fmt.Fprintf(&p, "- **[%s](#%s)**: %s\n", g.Title, strings.ToLower(g.Title), strings.Join(links, ", "))
	}
	for _, g := range All() {
		fmt.Fprintf(&p, "\n## %s\n\n%s\n", g.Title, g.About)
		for _, r := range g.Recipes {
			r.write(&p)
		}
	}
	return []byte(p.String())
}

const preface = `# Cookbook

COUNT bots to start from. Each is a whole bot.yaml with tests that show when it acts and when it stays silent:

` + "```console" + `
$ rhea init --list                   # this page in the terminal, a line each
$ rhea init --from mention-reply     # writes that one as bot.yaml, with a new key in bot.key
$ rhea check && rhea test
$ rhea run --sandbox                 # against a relay inside the process: nothing leaves your machine
$ rhea say "hello bot"               # speaks to it there, from another terminal
` + "```" + `

What is shown here are the rules; the name of a recipe leads to the whole file, which ` + "`init`" + ` makes yours. A
value such as ` + "`blog.example`" + ` is a place to put your own. This page is written from
[examples/recipes](../examples/recipes); [the reference](reference.md) explains every key.

`

// write adds a recipe to the page.
func (r Recipe) write(p *strings.Builder) {
	fmt.Fprintf(p, "\n### [%s](../examples/recipes/%s/%s)\n\n%s\n\n```yaml\n%s```\n\nWhat to change:\n\n", r.Name, r.Name, botFile, r.Does, r.shown())
	for _, c := range r.Change {
		keys, what, _ := strings.Cut(c, ": ")
		fmt.Fprintf(p, "- %s: %s\n", code(keys), what)
	}
	fmt.Fprintf(p, "\nStart from it: `rhea init --from %s`\n", r.Name)
}

// usual is how most recipes begin: one identity and two relays.
var usual = regexp.MustCompile(`^version: 1\n\nidentities:\n  main:\n    key: .*\n(    profile: .*\n)?\nrelays: \[.*\]\n\n`)

// shown is what the page shows of a recipe: all but the comments at its head, its tests, and what most recipes have.
func (r Recipe) shown() string {
	_, text, _ := strings.Cut(string(r.text), "\nversion: ")
	text, _, _ = strings.Cut("version: "+text, "\ntests:\n")
	if text = usual.ReplaceAllString(text, ""); strings.HasPrefix(text, "version: 1\n\n") {
		text = strings.TrimPrefix(text, "version: 1\n\n")
	}
	return text
}

// code writes the names of keys as such, and what joins them as it is.
func code(keys string) string {
	words := strings.Fields(keys)
	for i, w := range words {
		if w != "and" && w != "or" {
			bare := strings.TrimSuffix(w, ",")
			words[i] = "`" + bare + "`" + w[len(bare):]
		}
	}
	return strings.Join(words, " ")
}
