package config

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"rhea/engine/expression"
)

// leastSecret is how long a value must be to be recognised in a text. A shorter one stands there by chance.
const leastSecret = 16

// keyVariables are the environment variables that keys, or their passphrases, are read from.
type keyVariables struct {
	names []string
	env   func(string) (string, bool)
	// long are their values by name, in lower case: those that are recognised in a text.
	long map[string]string
}

// readKeyVariables comes before anything else is read: the variables must not stand in any text.
func (l *loader) readKeyVariables() {
	l.secrets.env = l.opts.LookupEnv
	for _, s := range l.sections["identities"] {
		for _, identity := range mapping(s.value) {
			l.secrets.collect(mapping(identity)["key"], map[*yaml.Node]bool{})
		}
	}
	l.secrets.readValues()
	done := map[*source]bool{}
	for _, sections := range l.sections {
		for _, s := range sections {
			if !done[s.d.src] {
				l.secrets.hideLines(s.d.src)
				done[s.d.src] = true
			}
		}
	}
}

// collect takes the names from a key and all that it refers to.
func (k *keyVariables) collect(n *yaml.Node, seen map[*yaml.Node]bool) {
	if seen[n] {
		return
	}
	seen[n] = true
	for name, value := range mapping(n) {
		if name == "env" && value.Kind == yaml.ScalarNode {
			k.names = append(k.names, value.Value)
		}
		k.collect(value, seen)
	}
}

func (k *keyVariables) readValues() {
	slices.Sort(k.names)
	k.names = slices.Compact(k.names)
	k.long = map[string]string{}
	for _, name := range k.names {
		if value := k.value(name); len(value) >= leastSecret {
			k.long[name] = strings.ToLower(value)
		}
	}
}

// hideLines keeps lines with a secret from being shown.
func (k *keyVariables) hideLines(s *source) {
	for i, line := range s.lines {
		if k.variableIn(string(line)) != "" {
			s.secret[i+1] = true
		}
	}
}

// findings reports which parts of a text hold a secret: the variable itself, another one with the same value, or the value.
func (k *keyVariables) findings(t expression.Template) (found expression.Findings) {
	for _, p := range t.Parts {
		var value string
		switch p.Kind {
		case expression.Variable:
			value = k.value(p.Text)
			if value == "" && p.HasDefault {
				value = p.Default
			}
		default:
			value = p.Text
		}
		name := k.variableIn(value)
		if p.Kind == expression.Variable && slices.Contains(k.names, p.Text) {
			name = p.Text
		}
		if name == "" {
			continue
		}
		message := "this holds the secret in " + name + ", and nothing here is kept secret"
		if p.Kind == expression.Variable && p.Text == name {
			message = "${" + name + "} would put a secret where it can be published"
		}
		found = append(found, expression.Finding{
			Code: "exposed-key", Offset: p.Offset, Message: message,
			Hint: "take it out: only key: { env: " + name + " } may name it; for another secret use another variable",
		})
	}
	return found
}

// variableIn returns the variable whose secret stands in a text; "" for none.
func (k *keyVariables) variableIn(text string) string {
	if len(k.long) == 0 || len(text) < leastSecret {
		return ""
	}
	text = strings.ToLower(text)
	for _, name := range k.names {
		if secret := k.long[name]; secret != "" && strings.Contains(text, secret) {
			return name
		}
	}
	return ""
}

func (k *keyVariables) value(name string) string {
	if k.env == nil {
		return ""
	}
	value, _ := k.env(name)
	return strings.TrimSpace(value)
}

// mapping returns the values of a map by their names; nothing of anything else.
func mapping(n *yaml.Node) map[string]*yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	values := make(map[string]*yaml.Node, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		values[n.Content[i].Value] = n.Content[i+1]
	}
	return values
}
