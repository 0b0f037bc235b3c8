package language_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/language"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(shipped().Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("rhea.schema.json", document); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("rhea.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// read turns YAML into what a schema is about: the values that JSON has. False means that it is no such thing.
func read(text []byte) (any, bool) {
	var value any
	if yaml.Unmarshal(text, &value) != nil {
		return nil, false
	}
	plain, err := json.Marshal(value)
	if err != nil {
		return nil, false
	}
	out, err := jsonschema.UnmarshalJSON(bytes.NewReader(plain))
	return out, err == nil
}

// unseen are the codes of mistakes that a schema cannot see: those in expressions and in texts with a form of their own,
// between one place and another, in YAML itself, in the environment, and in what a kind checks by itself.
var unseen = []string{
	"action-id", "data", "duplicate-name", "env-missing", "exposed-key", "expr-forbidden", "expr-loop", "expr-name",
	"expr-pattern", "expr-syntax", "expr-type", "invalid", "literal-key", "needs-event", "never-equal", "quorum", "relay", "template-syntax",
	"trigger", "type", "undefined-identity", "unknown-output", "yaml-documents", "yaml-tag",
}

// TestSchema holds the schema against the configuration's own reading: what loads is accepted, and what has a
// mistake that a schema can see is refused.
func TestSchema(t *testing.T) {
	t.Parallel()
	s := schema(t)
	kinds := shippedKinds()
	accepted, refused := 0, 0
	met := make(map[string]bool)
	for name, text := range configurations(t) {
		value, ok := read(text)
		if !ok {
			continue
		}
		_, err := config.Parse(name, text, config.Options{Kinds: kinds, LookupEnv: func(string) (string, bool) { return "", false }})
		said := s.Validate(value)
		var problems config.Problems
		switch {
		case err == nil && said != nil:
			t.Errorf("%s loads, and the schema refuses it: %v", name, said)
		case err == nil:
			accepted++
		case errors.As(err, &problems) && said == nil:
			for _, p := range problems.Errors() {
				met[p.Code] = true
				if !slices.Contains(unseen, p.Code) || p.Code == "trigger" && !strings.Contains(p.Message, "same variables") {
					t.Errorf("%s: the schema does not see: %v", name, p)
				}
			}
		default:
			refused++
		}
	}
	for _, code := range unseen {
		if !met[code] {
			t.Errorf("no file has a mistake %s that the schema does not see", code)
		}
	}
	if accepted < 35 || refused < 50 {
		t.Errorf("%d accepted, %d refused: this is not what the files are", accepted, refused)
	}
}

// configurations are all that there are in examples and tests, good and bad.
func configurations(t *testing.T) map[string][]byte {
	t.Helper()
	all := make(map[string][]byte)
	for _, pattern := range []string{
		"../../bot.yaml.example", "../../examples/*/bot.yaml", "../../examples/recipes/*/bot.yaml", "../config/testdata/*.yaml", "../config/testdata/mistakes/*.yaml",
		"../../cmd/testdata/mistakes/*.yaml", "../../cmd/testdata/script/*.txtar",
	} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatal(pattern, err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			switch {
			case err != nil:
				t.Fatal(err)
			case strings.Contains(path, "embed"): // It has kinds of its own.
			case strings.Contains(path, "mistakes"):
				all[path] = completed(text)
			case filepath.Ext(path) == ".txtar":
				for _, f := range txtar.Parse(text).Files {
					if filepath.Ext(f.Name) == ".yaml" && bytes.Contains(f.Data, []byte("\nrules:")) {
						all[path+" "+f.Name] = f.Data
					}
				}
			default:
				all[path] = text
			}
		}
	}
	return all
}

// completed adds what the golden mistakes leave out.
func completed(text []byte) []byte {
	for _, line := range []string{"version: 1\n", "identities: { main: { key: { env: BOT_NSEC } } }\n", "relays: [wss://relay.example]\n"} {
		key, _, _ := strings.Cut(line, ":")
		if !bytes.HasPrefix(text, []byte(key)) && !bytes.Contains(text, []byte("\n"+key)) {
			text = append(text, line...)
		}
	}
	return text
}

// ownConfig is a kind of somebody else's program.
type ownConfig struct {
	Path  string `yaml:"path"`
	Pairs []struct {
		A int `yaml:"a"`
	} `yaml:"pairs"`
}

type ownData struct{ engine.Scope }

// TestOwnKinds asks that kinds without comments are described by their types.
func TestOwnKinds(t *testing.T) {
	t.Parallel()
	build := func(c ownConfig, _ engine.Setup) (engine.Trigger, error) {
		if c.Path == "" {
			return nil, engine.Required("path")
		}
		return nil, nil
	}
	l := language.Describe(engine.Kinds{Triggers: []engine.TriggerKind{
		engine.NewTriggerKind[ownConfig, ownData]("own", ownConfig{}, build),
	}})
	keys := l.Triggers[0].Keys
	if len(keys) != 2 || !keys[0].Required || keys[0].Type != "text" || keys[1].Type != "list of maps" || keys[1].Keys[0].Type != "number" {
		t.Errorf("%+v", keys)
	}
	if !bytes.Contains(l.Schema(), []byte(`"own"`)) || !bytes.Contains(l.Reference(), []byte("| `pairs.a` | number |")) {
		t.Error("the schema or the page leaves out the kind")
	}
}
