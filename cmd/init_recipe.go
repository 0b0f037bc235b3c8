package cmd

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"rhea/cmd/screen"
	"rhea/engine/expression"
	"rhea/examples/recipes"
)

// The files that init writes.
const (
	initConfig = "bot.yaml"
	initKey    = "bot.key"
	initSchema = "rhea.schema.json"
)

// find looks up the recipe to start from, if one is named.
func (b *beginning) find(told func(flag string) bool) error {
	if !told("from") {
		return nil
	}
	r, ok := recipes.Find(b.from)
	if !ok {
		near := ""
		if name := expression.Nearest(b.from, recipes.Names()); name != "" {
			near = "; did you mean " + name + "?"
		}
		return usage("there is no recipe %q%s\n`rhea init --list` names them all.", b.from, near)
	}
	for _, flag := range []string{"feed", "hello"} {
		if told(flag) {
			return usage("--%s does not go with --from; change it in the new %s", flag, initConfig)
		}
	}
	b.recipe = &r
	switch name := r.BotName(); {
	case name == "" && told("name"):
		return usage("--name is not for %s: its identities are named by their feeds", b.from)
	case name != "" && !told("name"):
		b.given.Name = name
	}
	return nil
}

// beside are the files that a recipe reads.
func (b *beginning) beside() []string {
	if b.recipe == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(b.recipe.Beside()))
}

// modeline tells editors by which schema they complete and explain the file.
const modeline = "# yaml-language-server: $schema=./" + initSchema + "\n"

func (b *beginning) ownRecipe(relays []string) []byte {
	text := b.recipe.Own(quoteYAML(b.given.Name), "{ file: ./"+initKey+" }", "["+strings.Join(relays, ", ")+"]")
	return append([]byte(modeline), text...)
}

// listRecipes names all recipes with what each does, one a line.
func (a *app) listRecipes(b beginning) error {
	if b.from != "" {
		return usage("--list names the recipes, --from writes one: give one of the two")
	}
	groups, widest := recipes.All(), 0
	for _, name := range recipes.Names() {
		widest = max(widest, utf8.RuneCountInString(name))
	}
	paint := a.paint()
	for _, g := range groups {
		fmt.Fprintf(a.Out, "%s: %s\n", paint.Bold(g.Title), strings.ToLower(g.About[:1])+g.About[1:])
		for _, r := range g.Recipes {
			label := fmt.Sprintf("  %-*s  ", widest, r.Name)
			for _, line := range screen.Wrap(r.Does, screen.Width-len(label)) {
				fmt.Fprintln(a.Out, label+line)
				label = strings.Repeat(" ", len(label))
			}
		}
		fmt.Fprintln(a.Out)
	}
	printLine(a.Out, "Start from one: rhea init --from %s", groups[0].Recipes[0].Name)
	return nil
}

// completeRecipe completes the names of recipes.
func completeRecipe(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, g := range recipes.All() {
		for _, r := range g.Recipes {
			names = append(names, cobra.CompletionWithDesc(r.Name, r.Does))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
