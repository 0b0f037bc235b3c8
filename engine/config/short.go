package config

import (
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// What follows suggests where a value belongs that stands in the wrong place, because its key was left out or is another
// one here.

// forms say by the look of a value what it is meant to be: the keys that take such a one, the first of which is known
// counts.
var forms = []struct {
	looks *regexp.Regexp
	keys  []string
}{
	{regexp.MustCompile(`^[a-z]+://`), []string{"url", "relays"}},
	{regexp.MustCompile(`^([\d*][-\d*/,A-Z]* +){4,5}[\d*][-\d*/,A-Z]*$|^@[a-z]+$`), []string{"cron"}},
	{regexp.MustCompile(`^([0-9.]+[smhdw])+$`), []string{"every"}},
	{regexp.MustCompile(`^\d{4}-\d\d-\d\d`), []string{"at"}},
	{regexp.MustCompile(`^#`), []string{"any", "content"}},
	{regexp.MustCompile(`^\d+$`), []string{"kinds", "kind"}},
	{regexp.MustCompile(``), []string{"content", "message", "any", "name", "contains"}},
}

// keyedHint writes a value that stands where a map must under the key that takes it; "" when none does.
func keyedHint(n *yaml.Node, keys []string) string {
	value, sample := n.Value, n.Value
	if n.Kind == yaml.SequenceNode {
		var items []string
		for _, item := range n.Content {
			if item.Kind != yaml.ScalarNode {
				return ""
			}
			items = append(items, item.Value)
		}
		if len(items) == 0 {
			return ""
		}
		value, sample = "["+strings.Join(items, ", ")+"]", items[0]
	}
	if len(value) > longestKeyed || strings.ContainsAny(value, "\n{}") || isNull(n) {
		return ""
	}
	for _, form := range forms {
		if !form.looks.MatchString(sample) {
			continue
		}
		for _, key := range form.keys {
			if n.Kind == yaml.SequenceNode && slices.Contains(keys, key+"s") {
				key += "s"
			}
			if slices.Contains(keys, key) {
				return "write { " + key + ": " + quotedInFlow(value, n.Kind == yaml.SequenceNode) + " }"
			}
		}
	}
	return ""
}

// longestKeyed is how long a value may be that a hint repeats.
const longestKeyed = 60

// quotedInFlow puts a text in quotes when it needs some inside { }.
func quotedInFlow(text string, list bool) string {
	if list || !strings.ContainsAny(text, ",#?!&*%@`\"'[]") && !strings.Contains(text, ": ") {
		return text
	}
	return quote(text)
}

// pluralHint is for a list where one text is wanted, when another key takes several.
func pluralHint(name string, n *yaml.Node, keys []string) string {
	if n.Kind == yaml.SequenceNode && slices.Contains(keys, name+"s") {
		return "write " + name + "s for several"
	}
	return ""
}

// tagHint is for the protocol's way to write a tag in a filter, which begins a comment in YAML.
func tagHint(name string, keys []string) string {
	if tag, ok := strings.CutPrefix(name, "#"); ok && slices.Contains(keys, "tags") {
		return "write tags: { " + tag + ": […] }"
	}
	return ""
}

// quote writes a text in the quotes of YAML that need the least change.
func quote(text string) string {
	if n := len(text); n > 1 && text[0] == text[n-1] && (text[0] == '"' || text[0] == '\'') {
		text = text[1 : n-1]
	}
	if strings.ContainsAny(text, `"\`) {
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	return `"` + text + `"`
}
