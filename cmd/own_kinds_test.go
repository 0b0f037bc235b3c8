package cmd_test

import (
	"bytes"
	"context"
	_ "embed"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"rhea/cmd"
	"rhea/engine"
	"rhea/engine/language"
)

// ownSource is this file, as a program embeds the file of its own kind.
//
//go:embed own_kinds_test.go
var ownSource []byte

// BellConfig is what stands below `bell:`.
type BellConfig struct {
	// Tower is where the bell hangs.
	Tower string `yaml:"tower"`
}

// BellData is what the expressions of a rule see.
type BellData struct {
	engine.Scope

	// Strokes is how often it rang.
	Strokes int `expr:"strokes"`
}

// bellKind is the trigger that fires when a bell rings.
func bellKind() engine.TriggerKind {
	return engine.NewTriggerKind[BellConfig, BellData]("bell", BellConfig{}, newBell)
}

func newBell(c BellConfig, _ engine.Setup) (engine.Trigger, error) {
	if c.Tower == "" {
		return nil, engine.Required("tower")
	}
	return bell{}, nil
}

type bell struct{}

func (bell) Run(ctx context.Context, _ engine.Intake) error {
	<-ctx.Done()
	return nil
}

// ShoutConfig is what stands below `shout:`.
type ShoutConfig struct {
	// Words are what is shouted, in capital letters.
	Words engine.Text `yaml:"words"`
}

// shoutKind is the action that shouts over the square.
func shoutKind() engine.ActionKind {
	return engine.NewActionKind("shout", ShoutConfig{}, newShout)
}

func newShout(ShoutConfig) (engine.Action, error) { return shout{}, nil }

type shout struct{}

func (shout) Act(context.Context, engine.Run) (engine.Result, error) { return engine.Result{}, nil }

// rhea is what one command of a program with these kinds prints.
func rhea(t *testing.T, kinds engine.Kinds, args ...string) string {
	t.Helper()
	var out, said bytes.Buffer
	streams := cmd.Streams{In: strings.NewReader(""), Out: &out, Err: &said, LookupEnv: func(string) (string, bool) { return "", false }}
	if code := cmd.Run(t.Context(), args, streams, kinds); code != 0 {
		t.Fatalf("rhea %q: exit code %d: %s", args, code, said.String())
	}
	return out.String()
}

// TestOwnKinds asks that the kinds of another program are explained as ours are, from one file and a line for each.
func TestOwnKinds(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"own_kinds.go": {Data: ownSource}}
	own := engine.Kinds{Triggers: kinds().Triggers, Actions: kinds().Actions}
	own.Triggers = append(own.Triggers, bellKind().Documented(files))
	own.Actions = append(own.Actions, shoutKind().Documented(files))

	schema, reference := rhea(t, own, "schema"), string(language.Describe(own).Reference())
	for _, c := range []struct{ where, text, want string }{
		{"list triggers", rhea(t, own, "list", "triggers"), "\n  bell                  fires when a bell rings.\n"},
		{"list triggers", rhea(t, own, "list", "triggers"), "\n  feed                  fires for every new item of a feed.\n"},
		{"list triggers bell", rhea(t, own, "list", "triggers", "bell"), "  tower                 text; required. Where the bell hangs\n"},
		{"list variables bell", rhea(t, own, "list", "variables", "bell"), "  strokes               number. How often it rang\n"},
		{"list variables bell", rhea(t, own, "list", "variables", "bell"), "  now                   time. The time at which the rule was tried\n"},
		{"list actions", rhea(t, own, "list", "actions"), "\n  shout                 shouts over the square.\n"},
		{"list actions shout", rhea(t, own, "list", "actions", "shout"), "What is shouted, in capital letters\n"},
		{"schema", schema, `"description": "Fires when a bell rings"`},
		{"schema", schema, `"description": "Where the bell hangs"`},
		{"schema", schema, `"description": "Shouts over the square"`},
		{"reference", reference, "### bell\n\nFires when a bell rings.\n"},
		{"reference", reference, "| `tower` | text | required | Where the bell hangs |\n"},
		{"reference", reference, "| `strokes` | number | How often it rang |\n"},
		{"reference", reference, "### shout\n\nShouts over the square.\n"},
	} {
		if !strings.Contains(c.text, c.want) {
			t.Errorf("%s lacks %q:\n%s", c.where, c.want, c.text)
		}
	}
}

// TestContributing asks that the kind that CONTRIBUTING.md shows is the one above.
func TestContributing(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```go\n")
	shown, _, found := strings.Cut(rest, "```\n")
	if !found || !strings.Contains(string(ownSource), shown) {
		t.Errorf("own_kinds_test.go has no such code:\n%s", shown)
	}
}

// TestOwnKindsWithoutSources asks that a kind without sources is described by its keys, and nothing looks torn off.
func TestOwnKindsWithoutSources(t *testing.T) {
	t.Parallel()
	own := engine.Kinds{Triggers: []engine.TriggerKind{bellKind()}, Actions: []engine.ActionKind{shoutKind()}}
	for _, c := range []struct{ args, want string }{
		{"list triggers", "  bell\n"},
		{"list triggers bell", "bell\n\nIts keys:\n  tower                 text; required\n\nIts variables: rhea list variables bell\n"},
		{"list actions", "  shout\n"},
	} {
		if got := rhea(t, own, strings.Fields(c.args)...); got != c.want {
			t.Errorf("rhea %s prints\n%s\nwant\n%s", c.args, got, c.want)
		}
	}
	if got := rhea(t, own, "list", "actions", "shout"); !strings.HasPrefix(got, "shout\n\nIts keys:\n  words                 text with ${{ … }}\n\nBeside it may stand:\n") {
		t.Errorf("rhea list actions shout prints\n%s", got)
	}
	if got := rhea(t, own, "schema"); strings.Contains(got, `"description": ""`) || !strings.Contains(got, `"tower": {`) {
		t.Errorf("rhea schema prints\n%s", got)
	}
	if got := string(language.Describe(own).Reference()); !strings.Contains(got, "### bell\n\n| key | value | default | |\n|---|---|---|---|\n| `tower` | text | required |  |\n") {
		t.Errorf("the reference is\n%s", got)
	}
}
