package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rhea/engine/config"
)

// quoting is a configuration with the given data that says something of it.
func quoting(data, content string) string {
	return "version: 1\nidentities: { main: { key: { env: A } } }\nrelays: [wss://relay.example]\ndata: " + data +
		"\nrules:\n  - name: a\n    trigger: { mention: {} }\n    actions: [{ log: { content: \"" + content + "\" } }]\n"
}

func TestData(t *testing.T) {
	t.Parallel()
	outside := write(t, map[string]string{"secret.json": "[1]"})
	for name, tt := range map[string]struct {
		data, content string
		file          string
		says          string // "" when it is right
	}{
		"a list":             {"{ quotes: quotes.json }", "${{ cycle(data.quotes).text }}", `[{"text":"a"}]`, ""},
		"below":              {"{ quotes: more/quotes.json }", "${{ data.quotes[0] }}", `["a"]`, ""},
		"no such member":     {"{ quotes: quotes.json }", "${{ data.qotes }}", `[]`, "did you mean data.quotes?"},
		"data itself":        {"{ quotes: quotes.json }", "${{ data }}", `[]`, "data is no value itself"},
		"none at all":        {"{}", "${{ data.quotes }}", ``, "add the top-level key data"},
		"not JSON":           {"{ quotes: quotes.json }", "", "[\n1\n2]", "line 3"},
		"another kind":       {"{ quotes: bot.key }", "", "", "not a .json file"},
		"missing":            {"{ quotes: others.json }", "", "", "no file others.json"},
		"a folder":           {"{ quotes: folder.json }", "", "", "not a file"},
		"outside":            {"{ quotes: ../quotes.json }", "", "", "not beside the configuration"},
		"absolute":           {"{ quotes: " + outside + "/secret.json }", "", "", "not beside the configuration"},
		"a link that leaves": {"{ quotes: link.json }", "", "", "cannot read link.json"},
		"no name":            {"{ my quotes: quotes.json }", "", `[]`, "is no name"},
		"an expression":      {"{ quotes: \"${{ event.id }}\" }", "", "", "not possible here"},
		"a list of files":    {"[quotes.json]", "", "", "a map of names and files"},
		"wrong type":         {"{ quotes: quotes.json }", "${{ cycle(data.quotes) }}", `"a"`, "cycle wants a list"},
		"too large":          {"{ quotes: quotes.json }", "", `"` + strings.Repeat("a", 8<<20) + `"`, "too large"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := write(t, map[string]string{"quotes.json": tt.file, "bot.yaml": quoting(tt.data, tt.content)})
			for _, made := range []error{
				os.MkdirAll(filepath.Join(dir, "folder.json"), 0o700), os.MkdirAll(filepath.Join(dir, "more"), 0o700),
				os.WriteFile(filepath.Join(dir, "more", "quotes.json"), []byte(tt.file), 0o600),
				os.Symlink(filepath.Join(outside, "secret.json"), filepath.Join(dir, "link.json")),
			} {
				if made != nil {
					t.Fatal(made)
				}
			}
			f, err := config.Load([]string{filepath.Join(dir, "bot.yaml")}, options())
			if tt.says == "" {
				if err != nil {
					t.Fatal(err)
				}
				if want := strings.Contains(tt.content, "cycle"); f.Rules[0].Cycles != want {
					t.Errorf("the rule cycles: %t, want %t", f.Rules[0].Cycles, want)
				}
				return
			}
			var problems config.Problems
			if !errors.As(err, &problems) || !strings.Contains(strings.ReplaceAll(problems.Render(), "\n    ", " "), tt.says) {
				t.Errorf("%v, want %q", err, tt.says)
			}
		})
	}
}
