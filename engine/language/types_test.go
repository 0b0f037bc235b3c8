package language_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/language"
)

// kindWith declares an action whose configuration has one key, value, of a type.
func kindWith(t reflect.Type) engine.Kinds {
	kind := engine.NewActionKind("own", struct{}{}, func(struct{}) (engine.Action, error) { return nil, engine.Required("value") })
	kind.Config = reflect.StructOf([]reflect.StructField{{Name: "Value", Type: t, Tag: `yaml:"value"`}})
	kind.Defaults = nil
	kinds := shippedKinds()
	kinds.Actions = append(kinds.Actions, kind)
	return kinds
}

// TestSpecialTypesAreComplete asks that a row of the table is all that a special type needs: the decoder, its messages,
// the reference and the schema know the type then.
func TestSpecialTypesAreComplete(t *testing.T) {
	t.Parallel()
	for _, special := range config.SpecialTypes() {
		t.Run(special.Type.String(), func(t *testing.T) {
			t.Parallel()
			if special.Words == "" || special.Plural == "" || special.Schema == nil {
				t.Fatal("its row says too little for the reference and the schema")
			}
			if v := reflect.ValueOf(special.Sample); !v.IsValid() || v.Type() != special.Type || v.IsZero() {
				t.Fatalf("its sample is %v", special.Sample)
			}
			testDescribed(t, language.Describe(kindWith(special.Type)), special.Words, special.Schema)
			testDescribed(t, language.Describe(kindWith(reflect.SliceOf(special.Type))), "list of "+special.Plural, nil)
			testMessage(t, special.Type)
		})
	}
}

func testDescribed(t *testing.T, l language.Language, words string, want map[string]any) {
	t.Helper()
	row := "| `value` | " + words + " |"
	if !strings.Contains(string(l.Reference()), row) {
		t.Errorf("the reference has no row that begins with %s", row)
	}
	var schema struct {
		Definitions struct {
			Actions struct {
				Items struct {
					Properties map[string]struct {
						Properties map[string]map[string]any `json:"properties"`
					} `json:"properties"`
				} `json:"items"`
			} `json:"actions"`
		} `json:"definitions"`
	}
	if err := json.Unmarshal(l.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	has := schema.Definitions.Actions.Items.Properties["own"].Properties["value"]
	text, err := json.Marshal(has)
	if err != nil {
		t.Fatal(err)
	}
	for key := range want {
		if !strings.Contains(string(text), `"`+key+`"`) {
			t.Errorf("the schema says %s of the key, without %s", text, key)
		}
	}
}

// testMessage asks that the decoder refuses what is no value of the type, and says what is one. Anything is an [engine.Value].
func testMessage(t *testing.T, special reflect.Type) {
	t.Helper()
	if special == reflect.TypeFor[engine.Value]() {
		return
	}
	for value, want := range map[string]string{
		"":        `^there is no value here: leave the key out, or write an? \w+`,
		"[[[x]]]": `^this is a list, it must be an? \w+`,
	} {
		_, err := config.Parse("bot.yaml", []byte(`version: 1
identities: {main: {key: {env: KEY}}}
relays: [wss://relay.example]
rules:
  - name: own
    trigger: {schedule: {every: 1h}}
    actions: [{own: {value: `+value+`}}]
`), config.Options{Kinds: kindWith(special)})
		var problems config.Problems
		if !errors.As(err, &problems) || !slices.ContainsFunc(problems, func(p config.Problem) bool {
			return p.Line == 7 && regexp.MustCompile(want).MatchString(p.Message+": "+p.Hint)
		}) {
			t.Errorf("for %q the decoder says %v", value, err)
		}
	}
}
