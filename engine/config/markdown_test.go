package config_test

import (
	"errors"
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
'''
'''go
version: 1
'''
'''yaml
version: 1  # never closed`, "'''", "```")
	blocks, parts := config.Blocks([]byte(text))
	if len(blocks) != 3 || parts != 1 {
		t.Fatalf("%d blocks, %d parts: %q", len(blocks), parts, blocks)
	}
	if _, err := config.Parse("page.md", blocks[0], options()); err != nil {
		t.Error(err)
	}
	_, err := config.Parse("page.md", []byte(strings.Replace(string(blocks[1]), "  ~~~\n", "", 1)), options())
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
		blocks, _ := config.Blocks(text)
		for _, b := range blocks {
			if strings.Count(string(b), "\n") > strings.Count(string(text), "\n")+2 {
				t.Errorf("a block has more lines than the text")
			}
		}
	})
}
