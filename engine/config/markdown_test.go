package config_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"rhea/engine/config"
)

func TestBlocks(t *testing.T) {
	t.Parallel()
	text := strings.ReplaceAll(`# A page

'''yaml
version: 1
identities: { main: { key: { env: A } } }
'''

- a list

  ~~~~YAML title="x"
  version: 1
  rules:
    - name: a
      trigger: { mentoin: {} }
  ~~~
  ~~~~

'''yaml
rules: []   # a part
data:
  version: 1
'''
'''go
version: 1
'''
'''yaml
version: 1  # never closed`, "'''", "```")
	blocks := config.Blocks([]byte(text))
	if len(blocks) != 4 || !blocks[0].Whole || !blocks[1].Whole || blocks[2].Whole || !blocks[3].Whole {
		t.Fatalf("%d blocks: %+v", len(blocks), blocks)
	}
	if _, err := config.Parse("page.md", blocks[0].Text, options()); err != nil {
		t.Error(err)
	}
	_, err := config.Parse("page.md", []byte(strings.Replace(string(blocks[1].Text), "  ~~~\n", "", 1)), options())
	var problems config.Problems
	if !errors.As(err, &problems) {
		t.Fatal(err)
	}
	for _, p := range problems {
		if p.Code == "unknown-trigger" && p.Line == 14 && p.Column == 18 {
			return
		}
	}
	t.Errorf("the mistake of line 14, column 18 is not among %v", problems)
}

// TestFragments reads parts of configurations: what is missing is no mistake, what is wrong is.
func TestFragments(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ text, want string }{
		"rules":             {"- name: a\n  trigger: { mentoin: {} }\n", "2:14 unknown-trigger"},
		"a rule":            {"trigger: { mention: {} }\nif: event.contnt\nidentity: helper\nrelays: quick\n", "2:11 expr-name"},
		"a good rule":       {"name: a\ntrigger: { mention: {} }\nactions: [{ reply: { content: hi } }]\n", ""},
		"a lone trigger":    {"trigger:\n  feed: {}\n", "2:3 invalid"},
		"keys of a rule":    {"max_age: 15\n", "1:10 type"},
		"a kind of trigger": {"mention: { dirct: true }\n", "1:12 unknown-key"},
		"a kind of action":  {"http: { url: 'https://a.example', secret: { evn: A } }\n", "1:45 unknown-key"},
		"actions":           {"- publish: { kind: x }\n- http: { url: 'https://a.example' }\n  id: a b\n", "1:20 type, 3:7 action-id"},
		"tests":             {"- rule: elsewhere\n  event: { contnt: x }\n  expect: { outcome: fired }\n", "2:12 unknown-key"},
		"sections":          {"identities: { main: { key: { evn: A } } }\nrelays: [nowhere]\n", "1:30 unknown-key, 2:10 relay"},
		"data elsewhere":    {"data: { a: a.json }\nrules:\n  - if: cycle(data.a).x == data.a[0].y and len(data.b) > 0\n    trigger: { mention: {} }\n", "3:53 expr-name"},
		"relays alone":      {"relays: [wss://a.example]\n", ""},
		"something else":    {"services: { web: { image: x } }\n", "unknown"},
		"a name":            {"name: Build\non: push\n", "unknown"},
		"a list":            {"- a\n- b\n", "unknown"},
		"no YAML":           {"a: b: c\n", "unknown"},
		"nothing":           {"# only a remark\n", "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, known, err := config.ParseFragment("page.md", []byte(tc.text), options())
			var all []string
			if problems, ok := errors.AsType[config.Problems](err); ok {
				for _, p := range problems {
					all = append(all, fmt.Sprintf("%d:%d %s", p.Line, p.Column, p.Code))
				}
			} else if err != nil {
				t.Fatal(err)
			}
			if !known {
				all = []string{"unknown"}
			}
			if got := strings.Join(all, ", "); got != tc.want {
				t.Errorf("%s, want %s\n%v", got, tc.want, err)
			}
		})
	}
}

func TestLoadStdin(t *testing.T) {
	t.Parallel()
	o := options()
	o.Stdin = strings.NewReader("version: 1\nrulez: []\n")
	_, err := config.Load([]string{"-"}, o)
	if err == nil || !strings.HasPrefix(err.Error(), "stdin:2:1: error: unknown key rulez") {
		t.Errorf("Load = %v", err)
	}
}

func FuzzBlocks(f *testing.F) {
	f.Add([]byte("```yaml\nversion: 1\n```\n"))
	f.Add([]byte("~~~yml\nversion: 1"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, b := range config.Blocks(text) {
			if strings.Count(string(b.Text), "\n") > strings.Count(string(text), "\n")+2 {
				t.Errorf("a block has more lines than the text")
			}
			_, _, _ = config.ParseFragment("page.md", b.Text, options()) // It does not panic.
		}
	})
}
