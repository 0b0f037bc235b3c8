package cmd

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"rhea/examples/recipes"
)

// answers is what the first bot.yaml is made of.
type answers struct {
	Name, Relays, Feed, Hello string
}

// beginning is what init was asked for.
type beginning struct {
	dir, from string
	yes, list bool
	given     answers
	// recipe is that of from, nil without one.
	recipe *recipes.Recipe
}

// maxTries is how often a question is asked.
const maxTries = 5

// question is one of the four, of which a recipe leaves some open.
type question struct {
	flag, text string
	to         *string
	check      func(string) error
}

func (b *beginning) questions() []question {
	name := question{"name", "What is the bot called?", &b.given.Name, checkName}
	relays := question{"relays", "Which relays? (with commas between)", &b.given.Relays, checkRelays}
	switch {
	case b.recipe == nil:
		return []question{
			name, relays,
			{"feed", "Which feed does it post? (empty for none)", &b.given.Feed, checkFeed},
			{"hello", "Does it answer mentions that say hello? (yes or no)", &b.given.Hello, checkHello},
		}
	case b.recipe.BotName() == "":
		return []question{relays}
	}
	return []question{name, relays}
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
func (a *app) askAll(questions []question, told func(flag string) bool) error {
	in := bufio.NewReader(io.LimitReader(a.In, 64<<10))
	for _, q := range questions {
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
