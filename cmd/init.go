package cmd

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/spf13/cobra"

	"rhea/engine/key"
	"rhea/engine/language"
)

//go:embed init.yaml.tmpl
var initTemplate string

func (a *app) init() *cobra.Command {
	b := beginning{given: answers{Name: "My bot", Relays: "wss://relay.damus.io,wss://nos.lol", Feed: "", Hello: "yes"}}
	c := &cobra.Command{
		Use:   "init",
		Short: "Write a first bot.yaml and a key",
		Long: "Write a first bot.yaml with a test, bot.key with a new key that only you can read, and rhea.schema.json, by\n" +
			"which editors complete and explain bot.yaml. What the flags leave open is asked. Nothing is overwritten.\n\n" +
			"With --from, bot.yaml is one of the recipes that --list names: a bot with tests that says at its head\nwhat to change. docs/cookbook.md shows them all.",
		Example: "  rhea init\n  rhea init --yes --feed https://blog.example/feed.xml\n  rhea init --list\n  rhea init --from mention-reply",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if b.list {
				return a.listRecipes(b)
			}
			return a.begin(&b, c.Flags().Changed)
		},
	}
	c.Flags().StringVar(&b.dir, "dir", ".", "the folder to write to")
	c.Flags().BoolVar(&b.yes, "yes", false, "ask nothing")
	c.Flags().StringVar(&b.from, "from", "", "the recipe to start from")
	c.Flags().BoolVar(&b.list, "list", false, "name the recipes to start from, and write nothing")
	c.Flags().StringVar(&b.given.Name, "name", b.given.Name, "the bot's name")
	c.Flags().StringVar(&b.given.Relays, "relays", b.given.Relays, "relays, separated by commas")
	c.Flags().StringVar(&b.given.Feed, "feed", b.given.Feed, "a feed to post; empty for none")
	c.Flags().StringVar(&b.given.Hello, "hello", b.given.Hello, "answer mentions that say hello: yes or no")
	return c
}

func (a *app) begin(b *beginning, told func(flag string) bool) error {
	if err := b.find(told); err != nil {
		return err
	}
	for _, q := range b.questions() {
		if err := q.check(*q.to); err != nil {
			return usage("--%s: %w", q.flag, err)
		}
	}
	if err := b.nothingThere(); err != nil {
		return failed(err)
	}
	if !b.yes {
		if err := a.askAll(b.questions(), told); err != nil {
			return failed(err)
		}
	}
	return failed(a.writeBot(b))
}

// nothingThere refuses to go on where a bot is already, before anybody has answered a question.
func (b *beginning) nothingThere() error {
	for _, name := range append([]string{initConfig, initKey}, b.beside()...) {
		if _, err := os.Lstat(filepath.Join(b.dir, name)); err == nil {
			return fmt.Errorf("%s is there already; nothing was written", filepath.Join(b.dir, name))
		}
	}
	return nil
}

func (a *app) writeBot(b *beginning) error {
	text, err := b.text()
	if err != nil {
		return err
	}
	nsec, npub := key.Generate()
	if err := os.MkdirAll(b.dir, 0o755); err != nil {
		return err
	}
	if err := writeSecret(b.path(initKey), nsec.Reveal()); err != nil {
		return err
	}
	if err := os.WriteFile(b.path(initConfig), text, 0o644); err != nil {
		return err
	}
	wrote := []string{b.path(initConfig)}
	for _, name := range b.beside() {
		if err := os.WriteFile(b.path(name), b.recipe.Beside()[name], 0o644); err != nil {
			return err
		}
		wrote = append(wrote, b.path(name))
	}
	if _, err := os.Lstat(b.path(initSchema)); errors.Is(err, fs.ErrNotExist) {
		if err := os.WriteFile(b.path(initSchema), language.Describe(a.kinds).Schema(), 0o644); err != nil {
			return err
		}
	}
	printLine(a.Out, "Wrote %s and %s.", strings.Join(append(wrote, b.path(initKey)), ", "), b.path(initSchema))
	printLine(a.Out, "The bot is %s", npub)
	named := ""
	if b.path(initConfig) != initConfig {
		named = " -c " + b.path(initConfig)
	}
	if b.recipe != nil {
		printLine(a.Out, "What to change stands at the head of %s.", b.path(initConfig))
	}
	printLine(a.Out, "Next: rhea check%[1]s, rhea test%[1]s, then rhea run%[1]s --sandbox", named)
	return nil
}

func (b *beginning) path(name string) string { return filepath.Join(b.dir, name) }

// text is the bot.yaml to write.
func (b *beginning) text() ([]byte, error) {
	hello := strings.HasPrefix(strings.ToLower(b.given.Hello), "y")
	var relays []string
	for _, r := range splitList(b.given.Relays) {
		relays = append(relays, quoteYAML(r))
	}
	if b.recipe != nil {
		return b.ownRecipe(relays), nil
	}
	var text bytes.Buffer
	err := template.Must(template.New(initConfig).Parse(initTemplate)).Execute(&text, map[string]any{
		"Name": quoteYAML(b.given.Name), "Relays": relays, "Feed": quoteYAML(b.given.Feed),
		"HasFeed": b.given.Feed != "", "Hello": hello, "Morning": b.given.Feed == "" && !hello,
	})
	return text.Bytes(), err
}
