package language_test

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"rhea/engine"
	"rhea/engine/language"
)

type plainConfig struct {
	Path string
}

type countData struct {
	engine.Scope

	Count int `expr:"count"`
}

// TestSourcesOfOthers asks that of the sources of other programs what can be read is taken, and nothing else.
func TestSourcesOfOthers(t *testing.T) {
	t.Parallel()
	const shown = "package language_test\n\n// Kind is the trigger that counts.\nfunc Kind() engine.TriggerKind {\n\treturn engine.NewTriggerKind[C, D](\"count\", c, build)\n}\n"
	const others = "package language_test\n\n// Kinds returns all.\nfunc Kinds() []engine.TriggerKind {\n\treturn []engine.TriggerKind{engine.NewTriggerKind[C, D](\"count\", c, build)}\n}\n\n" +
		"// Action is the action that counts.\nfunc Action() engine.ActionKind { return engine.NewActionKind(\"count\", c, build) }\n"
	const fields = "package language_test\n\ntype plainConfig struct {\n\t// Path is the way.\n\tPath string\n}\n\ntype countData struct {\n\t// Count is how many.\n\tCount int\n}\n"
	for _, c := range []struct {
		name              string
		files             fs.FS
		kind, key, number string
	}{
		{"nothing", nil, "", "", ""},
		{"no files", fstest.MapFS{}, "", "", ""},
		{"all in one", fstest.MapFS{"a.go": {Data: []byte(shown + fields[len("package language_test"):])}}, "counts.", "The way", "How many"},
		{"two files", fstest.MapFS{"a.go": {Data: []byte(shown)}, "b.go": {Data: []byte(fields)}}, "counts.", "The way", "How many"},
		{"a kind is not its list, nor the action of that name", fstest.MapFS{"a.go": {Data: []byte(others)}}, "", "", ""},
		{"tests", fstest.MapFS{"a_test.go": {Data: []byte(shown)}, "b_test.go": {Data: []byte(fields)}}, "", "", ""},
		{"other folders", fstest.MapFS{"b/a.go": {Data: []byte(shown)}, "a.go/x": {}}, "", "", ""},
		{"not Go", fstest.MapFS{"a.go": {Data: []byte("\x00")}, "b.go": {Data: []byte(fields + "func (")}, "c.go": {Data: []byte(shown)}}, "counts.", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			named := engine.NewTriggerKind[plainConfig, countData]("count", plainConfig{}, func(plainConfig, engine.Setup) (engine.Trigger, error) { return nil, nil })
			unnamed := engine.NewTriggerKind[struct{}, countData]("count", struct{}{}, func(struct{}, engine.Setup) (engine.Trigger, error) { return nil, nil })
			if c.files != nil {
				named, unnamed = named.Documented(c.files), unnamed.Documented(c.files)
			}
			for _, kind := range []engine.TriggerKind{named, unnamed} {
				k := language.Describe(engine.Kinds{Triggers: []engine.TriggerKind{kind}}).Triggers[0]
				if k.Doc != c.kind {
					t.Errorf("the kind %q, want %q", k.Doc, c.kind)
				}
				for _, key := range k.Keys {
					if key.Doc != c.key {
						t.Errorf("the key %q, want %q", key.Doc, c.key)
					}
				}
				for _, v := range k.Variables {
					if v.Name == "count" && v.Doc != c.number {
						t.Errorf("the variable %q, want %q", v.Doc, c.number)
					}
				}
			}
		})
	}
}
