package cmd

import (
	"bufio"
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/spf13/cobra"

	"rhea/engine/key"
	"rhea/engine/language"
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
		Use:   "init",
		Short: "Write a first bot.yaml and a key",
		Long: "Write a first bot.yaml with a test, bot.key with a new key that only you can read, and rhea.schema.json, by\n" +
			"which editors complete and explain bot.yaml. What the flags leave open is asked. Nothing is overwritten.",
		Example: "  rhea init\n  rhea init --yes --feed https://blog.example/feed.xml",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			for _, q := range given.questions() {
				if err := q.check(*q.to); err != nil {
					return usage("--%s: %w", q.flag, err)
				}
			}
			if err := nothingThere(dir); err != nil {
				return failed(err)
			}
			if !yes {
				if err := a.askAll(&given, c.Flags().Changed); err != nil {
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

// maxTries is how often a question is asked.
const maxTries = 5

// question is one of the four.
type question struct {
	flag, text string
	to         *string
	check      func(string) error
}

func (g *answers) questions() []question {
	return []question{
		{"name", "What is the bot called?", &g.Name, checkName},
		{"relays", "Which relays does it use? (separated by commas)", &g.Relays, checkRelays},
		{"feed", "Which feed does it post? (empty for none)", &g.Feed, checkFeed},
		{"hello", "Does it answer mentions that say hello? (yes or no)", &g.Hello, checkHello},
	}
}

func checkName(s string) error {
	if strings.TrimSpace(s) == "" {
		return errors.New("a name is needed")
	}
	return nil
}

func checkRelays(s string) error {
	relays := splitList(s)
	if len(relays) == 0 {
		return errors.New("one relay is needed, such as wss://nos.lol")
	}
	for _, r := range relays {
		if u, err := url.Parse(r); err != nil || u.Host == "" || u.Scheme != "wss" && u.Scheme != "ws" {
			return fmt.Errorf("%q is not the address of a relay, such as wss://nos.lol", r)
		}
	}
	return nil
}

func checkFeed(s string) error {
	if u, err := url.Parse(s); s != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		return fmt.Errorf("%q is not a web address, such as https://blog.example/feed.xml", s)
	}
	return nil
}

func checkHello(s string) error {
	if s = strings.ToLower(s); !slices.Contains([]string{"yes", "no", "y", "n"}, s) {
		return fmt.Errorf("%q is neither yes nor no", s)
	}
	return nil
}

// askAll asks what the flags leave open. An empty line takes what is in brackets; so does the end of the input. What
// makes no sense is asked again, but not for ever: the input may be a program's.
func (a *app) askAll(given *answers, told func(flag string) bool) error {
	in := bufio.NewReader(io.LimitReader(a.In, 64<<10))
	for _, q := range given.questions() {
		for tries := 1; !told(q.flag); tries++ {
			fmt.Fprintf(a.Out, "%s [%s] ", q.text, *q.to)
			line, err := in.ReadString('\n')
			ended := errors.Is(err, io.EOF)
			if ended {
				fmt.Fprintln(a.Out)
			} else if err != nil {
				return err
			}
			answer := strings.TrimSpace(line)
			if answer == "" {
				answer = *q.to
			}
			wrong := q.check(answer)
			switch {
			case wrong == nil:
				*q.to = answer
			case ended || tries == maxTries:
				return wrong
			default:
				printLine(a.Out, "%s", wrong)
				continue
			}
			break
		}
	}
	return nil
}

// The files that init writes.
const (
	initConfig = "bot.yaml"
	initKey    = "bot.key"
	initSchema = "rhea.schema.json"
)

// nothingThere refuses to go on where a bot is already, before anybody has answered a question.
func nothingThere(dir string) error {
	for _, name := range []string{initConfig, initKey} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return fmt.Errorf("%s is there already; nothing was written", filepath.Join(dir, name))
		}
	}
	return nil
}

func (a *app) writeBot(dir string, given answers) error {
	hello := strings.HasPrefix(strings.ToLower(given.Hello), "y")
	var relays []string
	for _, r := range splitList(given.Relays) {
		relays = append(relays, quoteYAML(r))
	}
	var text bytes.Buffer
	err := template.Must(template.New(initConfig).Parse(initTemplate)).Execute(&text, map[string]any{
		"Name": quoteYAML(given.Name), "Relays": relays, "Feed": quoteYAML(given.Feed),
		"HasFeed": given.Feed != "", "Hello": hello, "Morning": given.Feed == "" && !hello,
	})
	if err != nil {
		return err
	}
	nsec, npub := key.Generate()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	yamlPath, keyPath, schemaPath := filepath.Join(dir, initConfig), filepath.Join(dir, initKey), filepath.Join(dir, initSchema)
	if err := writeSecret(keyPath, nsec.Reveal()); err != nil {
		return err
	}
	if err := os.WriteFile(yamlPath, text.Bytes(), 0o644); err != nil {
		return err
	}
	if _, err := os.Lstat(schemaPath); errors.Is(err, fs.ErrNotExist) {
		if err := os.WriteFile(schemaPath, language.Describe(a.kinds).Schema(), 0o644); err != nil {
			return err
		}
	}
	printLine(a.Out, "Wrote %s, %s and %s.", yamlPath, keyPath, schemaPath)
	printLine(a.Out, "The bot is %s", npub)
	named := ""
	if yamlPath != initConfig {
		named = " -c " + yamlPath
	}
	printLine(a.Out, "Next: rhea check%[1]s, rhea test%[1]s, then rhea run%[1]s --sandbox", named)
	return nil
}

func splitList(list string) []string {
	var all []string
	for s := range strings.SplitSeq(list, ",") {
		if s = strings.TrimSpace(s); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// quoteYAML writes s as a double-quoted scalar in which nothing is an environment variable or an expression.
func quoteYAML(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "$", "$$").Replace(s) + `"`
}
