package config

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"rhea/engine"
	"rhea/engine/expression"
)

func (d *decoder) text(n *yaml.Node) engine.Text {
	t, ok := d.template(n)
	if !ok || d.expressions == nil {
		return engine.Text{}
	}
	text, findings := d.expressions.Text(t)
	d.report.findings(d.src, n, append(findings, breaksAsWritten(n, t)...))
	return text
}

// key decodes a text that is usually one expression: the ${{ }} around it may be left out.
func (d *decoder) key(n *yaml.Node) engine.Text {
	if n.Kind != yaml.ScalarNode || isNull(n) || strings.Contains(n.Value, "${") || d.expressions == nil {
		var text engine.Text
		d.decodeInto(n, &text)
		return text
	}
	d.charge(n, 10)
	text, findings := d.expressions.Text(expression.Whole(n.Value))
	d.report.findings(d.src, n, findings)
	return text
}

func (d *decoder) condition(n *yaml.Node) engine.Condition {
	if n.Kind != yaml.ScalarNode {
		d.failAt(n, "type", "this is "+shape(n)+", it must be an expression", "")
		return engine.Condition{}
	}
	d.checkHashtag(n)
	if d.expressions == nil || !d.charge(n, 10) {
		return engine.Condition{}
	}
	if d.tagged(n) {
		return engine.Condition{}
	}
	condition, findings := d.expressions.Condition(n.Value)
	d.report.findings(d.src, n, d.cutOff(n, findings))
	return condition
}

// tagged reports a condition that YAML has taken for a tag, because it begins with an exclamation mark.
func (d *decoder) tagged(n *yaml.Node) bool {
	if !strings.HasPrefix(n.Tag, "!") || strings.HasPrefix(n.Tag, "!!") {
		return false
	}
	at := placeOf(n)
	for line := n.Line; line > 0; line-- { // An empty value stands where the next token is.
		if i := strings.Index(string(d.src.line(line)), n.Tag); i >= 0 {
			at = place{line, utf8.RuneCountInString(string(d.src.line(line))[:i]) + 1}
			break
		}
	}
	d.report.fail(d.src, at, "yaml-tag", "YAML takes what begins with ! for a tag", "write not "+strings.TrimPrefix(n.Tag, "!")+", or put it in quotes")
	return true
}

// cutOff adds to a condition that ends too early that YAML has cut off its end as a comment.
func (d *decoder) cutOff(n *yaml.Node, findings expression.Findings) expression.Findings {
	if findings.Err() == nil || n.Style != 0 {
		return findings
	}
	end := placesOf(d.src, n).end
	line := d.src.line(end.line)
	if end.column > len(line) {
		return findings
	}
	if rest := line[end.column-1:]; rest[indentOf(rest)] != '#' {
		return findings
	}
	for i := range findings {
		if findings[i].Code == expression.CodeSyntax && findings[i].Hint == "" {
			findings[i].Hint = "YAML takes what follows \" #\" for a comment: put the expression in quotes"
		}
	}
	return findings
}

// severalWords is a text that looks like the elements of a list.
var severalWords = regexp.MustCompile(`^[^\s,${}\[\]]+(?:\s*,\s*[^\s,${}\[\]]+)+$`)

// several reports whether a text looks like the elements of a list, and not like an address with a comma in it.
func several(text string) bool {
	return severalWords.MatchString(text) &&
		(!strings.Contains(text, "://") || strings.Count(text, "://") == strings.Count(text, ",")+1)
}

// strings decodes a list of texts, one text, or one expression that gives a list.
func (d *decoder) strings(n *yaml.Node) engine.Strings {
	items := []*yaml.Node{n}
	switch {
	case n.Kind == yaml.SequenceNode:
		items = n.Content
	case n.Kind != yaml.ScalarNode:
		d.failAt(n, "type", "this is "+shape(n)+", it must be a list of texts", "")
		return engine.Strings{}
	}
	if n.Kind == yaml.ScalarNode && several(n.Value) {
		d.report.warn(d.src, placeOf(n), "one-text", "this is one text, not a list of several",
			"write it as a list: ["+n.Value+"]; in brackets and quotes it stays one")
	}
	values := make([]engine.Value, 0, len(items))
	for _, item := range items {
		if value, ok := d.listItem(item); ok {
			values = append(values, value)
		}
	}
	if d.expressions == nil || len(values) < len(items) {
		return engine.Strings{}
	}
	return expression.Strings(sourceOf(n), values)
}

func (d *decoder) listItem(n *yaml.Node) (engine.Value, bool) {
	n, ok := d.enter(n)
	if !ok {
		return engine.Value{}, false
	}
	defer d.leave()
	switch {
	case n.Kind != yaml.ScalarNode:
		d.failAt(n, "type", "this is "+shape(n)+", it must be a text", "")
		return engine.Value{}, false
	case isNull(n):
		d.failAt(n, "type", "there is no value here", d.hashtagHint(n, "remove the empty item"))
		return engine.Value{}, false
	}
	t, ok := d.template(n)
	if !ok || d.expressions == nil {
		return engine.Value{}, false
	}
	value, findings := d.expressions.Value(t)
	d.report.findings(d.src, n, findings)
	return value, findings.Err() == nil
}

func (d *decoder) anyValue(n *yaml.Node) engine.Value {
	value, _ := d.value(n)
	return value
}

// value decodes any tree; its strings are texts.
func (d *decoder) value(n *yaml.Node) (engine.Value, bool) {
	switch {
	case n.Kind == yaml.MappingNode:
		entries, ok := d.entries(n, "a map")
		var keys []string
		var values []engine.Value
		for _, e := range entries {
			value, good := d.below(e.value)
			ok = ok && good
			keys, values = append(keys, e.name), append(values, value)
		}
		return expression.Map(sourceOf(n), keys, values), ok
	case n.Kind == yaml.SequenceNode:
		ok := true
		var values []engine.Value
		for _, e := range n.Content {
			value, good := d.below(e)
			ok = ok && good
			values = append(values, value)
		}
		return expression.List(sourceOf(n), values), ok
	case isNull(n):
		return expression.Constant(nil), true
	}
	t, ok := d.template(n)
	if !ok {
		return engine.Value{}, false
	}
	if !t.Dynamic() {
		return expression.Constant(scalarValue(n, t.Literal())), true
	}
	if d.expressions == nil {
		return engine.Value{}, false
	}
	value, findings := d.expressions.Value(t)
	d.report.findings(d.src, n, findings)
	return value, findings.Err() == nil
}

func (d *decoder) below(n *yaml.Node) (engine.Value, bool) {
	n, ok := d.enter(n)
	if !ok {
		return engine.Value{}, false
	}
	defer d.leave()
	return d.value(n)
}

// sourceOf writes a node as it may have been written.
func sourceOf(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode {
		return n.Value
	}
	return ""
}
