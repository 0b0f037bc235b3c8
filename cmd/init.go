package cmd

import (
	"bufio"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/spf13/cobra"

	"rhea/engine/key"
)

//go:embed init.yaml.tmpl
var initTemplate string

// answers is what the first bot.yaml is made of.
type answers struct {
	Name, Relays, Feed, Hello string
}

func (a *app) init() *cobra.Command {
	var dir string
	var yes bool
	given := answers{Name: "My bot", Relays: "wss://relay.damus.io,wss://nos.lol", Feed: "", Hello: "yes"}
	c := &cobra.Command{
		Use:     "init",
		Short:   "Write a first bot.yaml and a key",
		Long:    "Write a first bot.yaml, and bot.key with a new key that only you can read. Nothing is overwritten.",
		Example: "  rhea init\n  rhea init --yes --feed https://blog.example/feed.xml",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if !yes {
				if err := a.askAll(&given); err != nil {
					return failed(err)
				}
			}
			return failed(a.writeBot(dir, given))
		},
	}
	c.Flags().StringVar(&dir, "dir", ".", "the folder to write to")
	c.Flags().BoolVar(&yes, "yes", false, "ask nothing")
	c.Flags().StringVar(&given.Name, "name", given.Name, "the bot's name")
	c.Flags().StringVar(&given.Relays, "relays", given.Relays, "relays, separated by commas")
	c.Flags().StringVar(&given.Feed, "feed", given.Feed, "a feed to post; empty for none")
	c.Flags().StringVar(&given.Hello, "hello", given.Hello, "answer mentions that say hello: yes or no")
	return c
}

// askAll asks what the flags leave open, with their values as defaults.
func (a *app) askAll(given *answers) error {
	in := bufio.NewReader(io.LimitReader(a.In, 64<<10))
	for _, q := range []struct {
		text string
		to   *string
	}{
		{"What is the bot called?", &given.Name},
		{"Which relays does it use? (separated by commas)", &given.Relays},
		{"Which feed does it post? (empty for none)", &given.Feed},
		{"Does it answer mentions that say hello? (yes or no)", &given.Hello},
	} {
		fmt.Fprintf(a.Out, "%s [%s] ", q.text, *q.to)
		line, err := in.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if line = strings.TrimSpace(line); line != "" {
			*q.to = line
		}
	}
	return nil
}

func (a *app) writeBot(dir string, given answers) error {
	yamlPath, keyPath := filepath.Join(dir, "bot.yaml"), filepath.Join(dir, "bot.key")
	for _, p := range []string{yamlPath, keyPath} {
		if _, err := os.Lstat(p); err == nil {
			return fmt.Errorf("%s is there already; nothing was written", p)
		}
	}
	var text strings.Builder
	err := template.Must(template.New("bot.yaml").Parse(initTemplate)).Execute(&text, map[string]any{
		"Name": quoteYAML(given.Name), "Relays": splitRelays(given.Relays), "Feed": quoteYAML(given.Feed),
		"HasFeed": given.Feed != "", "Hello": strings.HasPrefix(strings.ToLower(given.Hello), "y"),
	})
	if err != nil {
		return err
	}
	nsec, npub := key.Generate()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := writeSecret(keyPath, nsec.Reveal()); err != nil {
		return err
	}
	if err := os.WriteFile(yamlPath, []byte(text.String()), 0o644); err != nil {
		return err
	}
	say(a.Out, "Wrote %s and %s.", yamlPath, keyPath)
	say(a.Out, "The bot is %s", npub)
	say(a.Out, "Next: rhea check -c %s, then rhea run -c %s --sandbox", yamlPath, yamlPath)
	return nil
}

func splitRelays(list string) []string {
	var relays []string
	for r := range strings.SplitSeq(list, ",") {
		if r = strings.TrimSpace(r); r != "" {
			relays = append(relays, quoteYAML(r))
		}
	}
	return relays
}

// quoteYAML writes s as a double-quoted scalar in which nothing is an environment variable or an expression.
func quoteYAML(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "$", "$$").Replace(s) + `"`
}
