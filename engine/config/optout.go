package config

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"rhea/engine"
)

// optOutText is how people tell the bot to leave them alone: who writes one of the words to it is ignored by all
// rules of the identity, until they take it back.
type optOutText struct {
	// Stop are the words that mute: stop and unsubscribe by default. An empty list hears none.
	Stop *[]string `yaml:"stop"`
	// Start are the words that take it back: start and subscribe by default.
	Start *[]string `yaml:"start"`
	// Stopped confirms the first; "" says nothing.
	Stopped *yaml.Node `yaml:"stopped"`
	// Started confirms the second; "" says nothing.
	Started *yaml.Node `yaml:"started"`
}

const (
	stoppedText = "Understood, I will leave you alone. Write “start” to hear from me again."
	startedText = "Welcome back."
)

// optOut applies to rules that people speak to.
func (r *ruleReader) optOut() {
	addressed := slices.ContainsFunc(r.rule.Triggers, func(t engine.RuleTrigger) bool { return t.Kind.Addressed })
	if !addressed {
		return
	}
	if r.text.OptOut == nil && r.loader.optOut != nil && r.compiler != nil {
		r.rule.OptOut = r.loader.optOut
		return
	}
	before := r.loader.report.failed()
	o := engine.OptOut{Stop: []string{"stop", "unsubscribe"}, Start: []string{"start", "subscribe"}}
	stopped, started := textNode(stoppedText), textNode(startedText)
	from := [2]*decoder{r.d, r.d}
	for _, layer := range []struct {
		text *optOutText
		d    *decoder
	}{{r.loader.defaults.OptOut, r.loader.defaults.decoder}, {r.text.OptOut, r.d}} {
		if layer.text == nil {
			continue
		}
		set(&o.Stop, layer.text.Stop)
		set(&o.Start, layer.text.Start)
		if n := layer.text.Stopped; n != nil {
			stopped, from[0] = n, layer.d
		}
		if n := layer.text.Started; n != nil {
			started, from[1] = n, layer.d
		}
	}
	o.Stopped = r.confirmation(from[0], stopped)
	o.Started = r.confirmation(from[1], started)
	r.rule.OptOut = &o
	if r.text.OptOut == nil && r.compiler != nil && r.loader.report.failed() == before && isPlain(stopped) && isPlain(started) {
		r.loader.optOut = &o
	}
}

// isPlain reports whether a text is the same in every rule.
func isPlain(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && !strings.Contains(n.Value, "${{")
}

func textNode(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: text}
}

// confirmation is the reply with a text; nil for no text, or when the program has no such action.
func (r *ruleReader) confirmation(d *decoder, n *yaml.Node) engine.Action {
	kind, ok := r.loader.actionKind("reply")
	if !ok || n.Kind == yaml.ScalarNode && n.Value == "" {
		return nil
	}
	own := *d
	own.expressions = r.compiler
	key := textNode("content")
	key.Line, key.Column = n.Line, n.Column
	reply := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: n.Line, Column: n.Column, Content: []*yaml.Node{key, n}}
	before := own.report.failed()
	config := r.config(&own, entry{name: "reply", key: key, value: reply}, kind.Config, kind.Defaults)
	if own.report.failed() > before || own.expressions == nil {
		return nil
	}
	action, err := kind.Build(config.Interface())
	own.fieldErrors(key, n, err)
	if err != nil {
		return nil
	}
	return action
}
