package config

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"strings"

	"gopkg.in/yaml.v3"

	"rhea/engine/expression"
)

// fingerprint identifies what the conditions and actions of a rule compile to: it holds the environment and the
// data that they name, and neither comments nor how they are written in YAML. "" when there are mistakes.
func (r *ruleReader) fingerprint() string {
	if r.loader.report.failed() > r.before || r.compiler == nil {
		return ""
	}
	d := *r.d
	d.report, d.visited, d.depth = newReport(), new(int), 0 // All was reported and counted when the rule was read.
	says := struct {
		If, Actions []any
		Relays      [][]string
		Data        map[string]string
	}{Data: make(map[string]string)}
	for name, value := range r.compiler.Values() {
		says.Data[name] = r.loader.sum(name, value)
	}
	for _, c := range r.rule.If {
		says.If = append(says.If, strings.TrimSpace(expression.Whole(c.Source()).Parts[0].Text))
	}
	if r.text.Actions != nil {
		for _, n := range r.text.Actions.Content {
			says.Actions = append(says.Actions, d.normalized(n))
		}
	}
	for _, s := range r.rule.Steps {
		says.Relays = append(says.Relays, s.Relays)
	}
	text, err := json.Marshal(says)
	if err != nil {
		return "" // Maps, lists and scalars only.
	}
	return sumOf(text)
}

// sum is of a value of data, which many rules may name.
func (l *loader) sum(name string, value any) string {
	if l.sums[name] == "" {
		text, err := json.Marshal(value)
		if err != nil {
			return "" // It was read from JSON.
		}
		l.sums[name] = sumOf(text)
	}
	return l.sums[name]
}

func sumOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// said is a node as it is meant: with aliases followed and the environment put in.
func (d *decoder) normalized(n *yaml.Node) any {
	n, ok := d.enter(n)
	if !ok {
		return nil
	}
	defer d.leave()
	switch n.Kind {
	case yaml.MappingNode:
		entries, _ := d.entries(n, d.types.want(reflect.TypeFor[map[string]any]()))
		all := make(map[string]any, len(entries))
		for _, e := range entries {
			all[e.name] = d.normalized(e.value)
		}
		return all
	case yaml.SequenceNode:
		all := make([]any, 0, len(n.Content))
		for _, e := range n.Content {
			all = append(all, d.normalized(e))
		}
		return all
	}
	if isNull(n) {
		return nil
	}
	t, _ := expression.Split(n.Value)
	t, _ = t.Resolve(d.lookup)
	if !t.Dynamic() {
		return scalarValue(n, t.Literal())
	}
	parts := make([]any, 0, len(t.Parts))
	for _, p := range t.Parts {
		text := p.Text
		if p.Kind == expression.Expression {
			text = strings.TrimSpace(text)
		}
		parts = append(parts, []any{p.Kind, text})
	}
	return parts
}
