package config

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// scalarIn returns the first value of the first key, of whatever stands below the key "k".
func scalarIn(t *testing.T, text string) (*source, *yaml.Node) {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	n := doc.Content[0]
	for n.Kind != yaml.ScalarNode {
		n = n.Content[len(n.Content)-1]
	}
	return newSource("t", text), n
}

// The @ of each text must be found where it stands. It is written as Q, which YAML allows everywhere.
func TestPlaces(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"plain":               "k: ab @c",
		"plain folded":        "k: ab\n  cd\n\n\n   e @f",
		"plain in list":       "k:\n  - a\n  - b @",
		"single":              "k: 'it''s @'",
		"single folded":       "k: 'a   \n\n\n  b ''@'",
		"double":              `k: "a\u00e4\x41\U0001F9A9\n\t\"\\ @"`,
		"double folded":       "k: \"a b  \n   c\\\n   d \\\n   e\n\n  @\"",
		"literal":             "k: |\n  a\n   b\n\n  c @\n",
		"literal indicator":   "k: |2-\n    a\n   @\n",
		"literal keep":        "k: |+\n  a\n  @\n\n\n",
		"literal comment":     "k: |  # a comment + -\n  a @\n",
		"literal first empty": "k: |\n\n\n  a @\n",
		"folded":              "k: >\n  a\n  b\n\n  c\n    d\n    e\n\n\n  f @\n",
		"folded strip":        "k: >-\n  a\n\n\n  @",
		"anchor":              "k: &a  \n  b @",
		"tag":                 "k: !!str 'x @'",
		"crlf":                "k: |\r\n  a\r\n  b @\r\n",
		"flow":                "{ k: [ a, \"b\", c @ ] }",
		"wide":                "k: 🦩ä @",
		"key":                 "\"ä🦩\": @",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			safe := strings.ReplaceAll(text, "@", "Q")
			s, n := scalarIn(t, safe)
			offset := len([]rune(n.Value[:strings.Index(n.Value, "Q")]))
			got := placesOf(s, n)
			if len(got.runes) != len([]rune(n.Value)) {
				t.Fatalf("not understood: %q has %d places", n.Value, len(got.runes))
			}
			at := got.at(offset)
			if line := s.line(at.line); at.column > len(line) || line[at.column-1] != 'Q' {
				t.Errorf("%v is not the place in\n%s", at, safe)
			}
		})
	}
}

// TestPlacesProperty writes random texts in every style: each character must stand where its place says, or be made
// by an escape or the end of a line there.
func TestPlacesProperty(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	alphabet := []rune("aabbcc   \n\n'\"\\#:-{}[]ä🦩\t$%&*!|>?,@`é\u00a0")
	coarse := map[yaml.Style]int{}
	const rounds = 4000
	for range rounds {
		text := make([]rune, random.IntN(60))
		for i := range text {
			text[i] = alphabet[random.IntN(len(alphabet))]
		}
		if random.IntN(3) == 0 {
			text = []rune(strings.Repeat("some words that are long enough to be folded ", 1+random.IntN(4)))
		}
		style := []yaml.Style{0, yaml.SingleQuotedStyle, yaml.DoubleQuotedStyle, yaml.LiteralStyle, yaml.FoldedStyle}[random.IntN(5)]
		value := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: string(text), Style: style}
		outer := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: "k"}, value}}
		for range random.IntN(3) {
			outer = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{outer}}
		}
		written, err := yaml.Marshal(outer)
		if err != nil {
			t.Fatal(err)
		}
		var doc yaml.Node
		if yaml.Unmarshal(written, &doc) != nil {
			continue // The encoder cannot write every text in every style.
		}
		s, n := scalarIn(t, string(written))
		p := placesOf(s, n)
		rs := []rune(n.Value)
		if len(p.runes) != len(rs) {
			if len(rs) > 0 {
				coarse[n.Style]++
				t.Logf("not understood: %q in\n%s", n.Value, written)
			}
			continue
		}
		for i, r := range rs {
			at := p.runes[i]
			line := s.line(at.line)
			end := at.column > len(line) || blank(line[at.column-1:])
			if !end && line[at.column-1] != r && line[at.column-1] != '\\' || end && r != ' ' && r != '\n' && r != '\t' {
				t.Fatalf("%s is not at %v in\n%s", fmt.Sprintf("%q", r), at, written)
			}
		}
	}
	if len(coarse) > 0 {
		t.Errorf("not understood by style: %v", coarse)
	}
}
