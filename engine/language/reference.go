package language

import (
	"fmt"
	"slices"
	"strings"
)

// Reference returns the page about the language, as Markdown.
func (l Language) Reference() []byte {
	p := &page{}
	p.line("# Reference")
	p.line("Everything that a bot.yaml may say. This page, the JSON Schema (`rhea schema`) and `rhea list` are made from\n" +
		"the comments in the code; [bot.yaml.example](../bot.yaml.example) shows the language in use, and\n" +
		"[the cookbook](cookbook.md) has bots to start from.")
	p.line("## The file")
	p.table(withoutKeys(l.File))
	for _, part := range []struct{ key, title, text string }{
		{"identities", "Identities", "Below the name of an identity:"},
		{"rules", "Rules", "Each rule has these keys:"},
		{"defaults", "Defaults", "What rules fall back to, and what means the same as in a rule:"},
		{"tests", "Tests", "Each test has these keys:"},
	} {
		p.line("## " + part.title)
		p.line(part.text)
		p.table(keysOf(l.File, part.key))
	}
	p.line("## Triggers")
	p.line("One of these is the key below `trigger`. A list of triggers that offer the same variables means any of them.")
	common := l.common()
	for i, k := range l.Triggers {
		p.kind(k)
		own := slices.DeleteFunc(slices.Clone(k.Variables), func(v Variable) bool { return slices.Contains(common, v) })
		if same := slices.IndexFunc(l.Triggers[:i], func(other Kind) bool { return slices.Equal(other.Variables, k.Variables) }); same >= 0 {
			p.line("It offers the variables of [" + l.Triggers[same].Name + "](#" + l.Triggers[same].Name + ").")
		} else if len(own) > 0 {
			p.variables(own)
		}
	}
	p.line("## Actions")
	p.line("Each action has one of these as its key. Beside it may stand:")
	p.table(l.Beside)
	for _, k := range l.Actions {
		p.kind(k)
	}
	p.line("## Variables")
	p.line("Every trigger offers these beside its own:")
	p.variables(common)
	p.functions(l)
	p.line("## Outcomes")
	p.line("What can come of a signal, in tests, logs and the history: " + quoted(l.Outcomes) + ".")
	return []byte(strings.TrimRight(p.String(), "\n") + "\n")
}

// common are the variables that all triggers offer.
func (l Language) common() []Variable {
	if len(l.Triggers) == 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(l.Triggers[0].Variables), func(v Variable) bool {
		return slices.ContainsFunc(l.Triggers, func(k Kind) bool { return !slices.Contains(k.Variables, v) })
	})
}

// page is Markdown in the making.
type page struct{ strings.Builder }

func (p *page) line(text string) { p.WriteString(text + "\n\n") }

func (p *page) kind(k Kind) {
	p.line("### " + k.Name)
	if k.Doc != "" {
		p.line(strings.TrimSuffix(sentence(k.Doc), ".") + ".")
	}
	p.table(k.Keys)
}

// table writes keys, and those below them by their path.
func (p *page) table(keys []Key) {
	if len(keys) == 0 {
		p.line("It has no keys.")
		return
	}
	p.WriteString("| key | value | default | |\n|---|---|---|---|\n")
	p.rows(keys, "")
	p.WriteString("\n")
}

func (p *page) rows(keys []Key, above string) {
	for _, k := range keys {
		value, fallback := cell(k.Type), ""
		if len(k.Choices) > 0 {
			value = quoted(k.Choices)
		}
		switch {
		case k.Required:
			fallback = "required"
		case k.Default != "":
			fallback = "`" + k.Default + "`"
		}
		below := k.Keys
		if repeats(below, keys) {
			value, below = value+" with the other keys of this table", nil
		}
		fmt.Fprintf(p, "| `%s%s` | %s | %s | %s |\n", above, k.Name, value, fallback, cell(k.Doc))
		p.rows(below, above+k.Name+".")
	}
}

// repeats reports whether all keys stand in a table already.
func repeats(keys, table []Key) bool {
	return len(keys) > 0 && !slices.ContainsFunc(keys, func(k Key) bool {
		return !slices.ContainsFunc(table, func(other Key) bool { return other.Name == k.Name && other.Doc == k.Doc && other.Type == k.Type })
	})
}

func (p *page) variables(all []Variable) {
	p.WriteString("| variable | type | |\n|---|---|---|\n")
	for _, v := range all {
		fmt.Fprintf(p, "| `%s` | %s | %s |\n", v.Name, v.Type, cell(v.Doc))
	}
	p.WriteString("\n")
}

func (p *page) functions(l Language) {
	p.line("## Functions")
	p.line("Conditions (`if`) and `${{ … }}` hold expressions of [expr](https://expr-lang.org/docs/language-definition).\n" +
		"These functions are added to its own:")
	p.WriteString("| function | gives |\n|---|---|\n")
	for _, f := range l.Functions {
		fmt.Fprintf(p, "| `%s` | %s |\n", f.Signature, cell(f.Doc))
	}
	p.line("\nexpr's own are " + quoted(l.Builtins) + ".")
}

func withoutKeys(keys []Key) []Key {
	flat := slices.Clone(keys)
	for i := range flat {
		flat[i].Keys = nil
	}
	return flat
}

func keysOf(keys []Key, name string) []Key {
	i := slices.IndexFunc(keys, func(k Key) bool { return k.Name == name })
	if i < 0 {
		return nil
	}
	return keys[i].Keys
}

func quoted(words []string) string { return "`" + strings.Join(words, "`, `") + "`" }

// cell keeps a text within its cell.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
