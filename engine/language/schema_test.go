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

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"rhea/actions"
	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/language"
	"rhea/triggers"
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

// seen are the codes of mistakes that a schema can see.
var seen = []string{
	"action", "actions", "duplicate-kind", "trigger", "unknown-action", "unknown-key", "unknown-trigger", "version",
	"missing", "rule-name", "secret-ref",
}

// TestSchema holds the schema against the configuration's own reading: what loads is accepted, and what has a
// mistake that a schema can see is refused.
func TestSchema(t *testing.T) {
	t.Parallel()
	s := schema(t)
	kinds := engine.Kinds{Triggers: triggers.Kinds(), Actions: actions.Kinds()}
	var paths []string
	for _, pattern := range []string{
		"../../bot.yaml.example", "../../examples/*/bot.yaml", "../config/testdata/*.yaml", "../config/testdata/mistakes/*.yaml",
		"../../cmd/testdata/mistakes/*.yaml",
	} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatal(pattern, err)
		}
		paths = append(paths, found...)
	}
	accepted, refused := 0, 0
	for _, path := range paths {
		if strings.Contains(path, "embed") {
			continue // It has kinds of its own.
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(path, "mistakes") {
			text = completed(text)
		}
		value, ok := read(text)
		if !ok {
			continue
		}
		_, err = config.Parse(path, text, config.Options{Kinds: kinds, LookupEnv: func(string) (string, bool) { return "", false }})
		said := s.Validate(value)
		var problems config.Problems
		switch {
		case err == nil && said != nil:
			t.Errorf("%s loads, and the schema refuses it: %v", path, said)
		case err == nil:
			accepted++
		case errors.As(err, &problems) && said == nil:
			for _, p := range problems {
				if slices.Contains(seen, p.Code) && !strings.Contains(p.Message, "same variables") {
					t.Errorf("%s: the schema does not see: %v", path, p)
				}
			}
		default:
			refused++
		}
	}
	t.Logf("%d accepted, %d refused", accepted, refused)
	if accepted < 9 || refused < 30 {
		t.Errorf("%d accepted, %d refused: this is not what the files are", accepted, refused)
	}
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
