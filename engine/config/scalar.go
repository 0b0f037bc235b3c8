package config

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"rhea/engine/expression"
)

// template splits the text of a scalar and puts the environment in.
func (d *decoder) template(n *yaml.Node) (expression.Template, bool) {
	if n.Kind != yaml.ScalarNode {
		d.failAt(n, "type", "this is "+shape(n)+", it must be a text", "")
		return expression.Template{}, false
	}
	t, findings := expression.Split(n.Value)
	if t.Dynamic() && !d.charge(n, 10*len(t.Parts)) { // Compiling costs more than reading.
		return t, false
	}
	exposed := d.secrets.findings(t)
	if len(exposed) > 0 {
		d.src.hide(n)
	}
	t, missing := t.Resolve(d.lookup)
	findings = append(append(findings, exposed...), missing...)
	d.report.findings(d.src, n, findings)
	d.checkHashtag(n)
	return t, findings.Err() == nil
}

func (d *decoder) lookup(name string) (string, bool) {
	if d.env == nil {
		return "", false
	}
	return d.env(name)
}

// plainText returns the text of a scalar that must not have expressions.
func (d *decoder) plainText(n *yaml.Node, as reflect.Type) (string, bool) {
	if n.Kind != yaml.ScalarNode {
		d.failAt(n, "type", "this is "+shape(n)+", it must be "+d.types.want(as), "")
		return "", false
	}
	t, ok := d.template(n)
	if ok && t.Dynamic() {
		d.failAt(n, "expr-forbidden", "an expression is not possible here", "write the value itself, or ${NAME} for an environment variable")
		return "", false
	}
	return t.Literal(), ok
}

// unresolved takes the value of an environment variable out of a message again: it may be a secret.
func (d *decoder) unresolved(n *yaml.Node, text, message string) string {
	if text != n.Value && text != "" {
		return strings.ReplaceAll(message, text, n.Value)
	}
	return message
}

// hashtagComment matches what follows a text that YAML cuts off as a comment though it looks like a hashtag.
var hashtagComment = regexp.MustCompile(`[ \t](#[\pL\pN_][^\s,\]}]*)(.*)$`)

var hashtagRest = regexp.MustCompile(`^[ \t]+(#[\pL\pN_].*?)\s*$`)

// checkHashtag warns about a hashtag behind a plain text.
func (d *decoder) checkHashtag(n *yaml.Node) {
	if n.Style != 0 && n.Style != yaml.TaggedStyle || n.Tag != "!!str" {
		return
	}
	end := placesOf(d.src, n).end
	line := d.src.line(end.line)
	if end.column > len(line) {
		return
	}
	m := hashtagRest.FindStringSubmatch(string(line[end.column-1:]))
	if m != nil {
		column := end.column + indentOf(line[end.column-1:])
		d.report.warn(d.src, place{end.line, column}, "yaml-hashtag",
			fmt.Sprintf("YAML takes %q for a comment: it is cut off", m[1]), "put the text in quotes")
	}
}

func (d *decoder) hashtagHint(n *yaml.Node, otherwise string) string {
	// An empty value stands where the next token is, which may be on the next line.
	for _, line := range [][]rune{d.src.line(n.Line), d.src.line(n.Line - 1)} {
		if m := hashtagComment.FindStringSubmatch(string(line)); m != nil {
			return "YAML takes " + m[1] + " for a comment: put it in quotes"
		}
	}
	return otherwise
}

// scalar decodes the simple types.
func (d *decoder) scalar(n *yaml.Node, v reflect.Value) {
	text, ok := d.plainText(n, v.Type())
	if !ok {
		return
	}
	fail := func(hint string) {
		d.failAt(n, "type", d.unresolved(n, text, fmt.Sprintf("%q is not %s", text, d.types.want(v.Type()))), hint)
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		if text != "true" && text != "false" {
			fail(map[string]string{
				"yes": "write true", "on": "write true", "y": "write true", "1": "write true",
				"no": "write false", "off": "write false", "n": "write false", "0": "write false",
			}[strings.ToLower(text)])
			return
		}
		v.SetBool(text == "true")
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		i, err := strconv.ParseInt(text, 10, v.Type().Bits())
		if err != nil {
			fail("")
			return
		}
		v.SetInt(i)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		i, err := strconv.ParseUint(text, 10, v.Type().Bits())
		if err != nil {
			fail(fmt.Sprintf("it must be between 0 and %d", uint64(math.MaxUint64)>>(64-v.Type().Bits())))
			return
		}
		v.SetUint(i)
	case reflect.Float32, reflect.Float64:
		f, err := strconv.ParseFloat(text, v.Type().Bits())
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			fail("")
			return
		}
		v.SetFloat(f)
	default:
		d.failAt(n, "type", fmt.Sprintf("nothing can be written here (%s)", v.Type()), "")
	}
}

// scalarValue gives a scalar the type that YAML sees in it.
func scalarValue(n *yaml.Node, text string) any {
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return text
	}
	switch n.Tag {
	case "!!bool":
		if text == "true" || text == "false" {
			return text == "true"
		}
	case "!!int":
		if i, err := strconv.Atoi(text); err == nil {
			return i
		}
	case "!!float":
		if f, err := strconv.ParseFloat(text, 64); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f
		}
	}
	return text
}

// shape names what a node is.
func shape(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a map"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case isNull(n):
		return "empty"
	case n.Tag == "!!int" || n.Tag == "!!float":
		return "a number"
	case n.Tag == "!!bool":
		return n.Value
	}
	return "a text"
}
