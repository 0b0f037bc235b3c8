package config

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"rhea/engine"
	"rhea/engine/expression"
)

// stepText is what may stand beside the kind of an action.
type stepText struct {
	// ID is the name under which later actions know the result: outputs.<id>.
	ID string `yaml:"id"`
	// If is an expression; when it is false this action is left out.
	If *yaml.Node `yaml:"if"`
	// Relays are where this action publishes instead of the rule's relays: a list, the name of a set, or outbox.
	Relays engine.Relays `yaml:"relays"`
	// Identity is whom this action acts as instead of the rule's identity.
	Identity string `yaml:"identity"`
	// OnError says what happens when the action fails: stop drops what the rule was going to say, continue goes on
	// with the next action.
	OnError string `yaml:"on_error" enum:"stop,continue"`
}

var stepID = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (r *ruleReader) actions() {
	n := r.text.Actions
	if n == nil {
		if keyOf(r.node, "actions") == nil {
			r.d.failAt(r.node, codeMissing, "this rule has no actions", "add actions: with one of "+listed(r.loader.actionNames()))
		}
		return
	}
	if n.Kind != yaml.SequenceNode {
		hint := "begin each action with a dash"
		if keys := keysOf(n); len(keys) > 0 && strings.HasPrefix(keys[0], "-") {
			hint = "write a space behind the dash"
		}
		r.d.failAt(n, "type", "this is "+shape(n)+", it must be a list of actions", hint)
		return
	}
	if len(n.Content) == 0 {
		r.d.failAt(n, "actions", "this list of actions is empty", "begin each action with a dash and one of "+listed(r.loader.actionNames()))
	}
	ids := make([]string, len(n.Content))
	for i, item := range n.Content {
		if id := find(item, "id"); id.Kind == yaml.ScalarNode {
			ids[i] = id.Value
		}
	}
	for i, item := range n.Content {
		item, ok := r.d.enter(item)
		if !ok {
			return
		}
		r.action(item, known(ids[:i]), known(ids[i:]))
		r.d.leave()
	}
}

// known leaves out the actions without an id.
func known(ids []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == "" })
}

func (r *ruleReader) action(n *yaml.Node, earlier, later []string) {
	entries, ok := r.d.entries(n, "a map with the kind of the action as its key")
	if !ok {
		return
	}
	compiler := r.compiler
	if compiler != nil {
		compiler = compiler.WithOutputs(earlier, later)
	}
	d := r.compiling(compiler)
	var text stepText
	beside := d.shapes.of(reflect.TypeFor[stepText]())
	var kinds []entry
	for _, e := range entries {
		if index, ok := beside.index[e.name]; ok {
			own := *d
			own.outbox = true
			own.decode(e.value, reflect.ValueOf(&text).Elem().FieldByIndex(index))
		} else {
			kinds = append(kinds, e)
		}
	}
	switch {
	case len(kinds) == 0:
		d.failAt(n, "action", "this action has no kind", "write one of "+listed(r.loader.actionNames()))
	case r.fallenOut(d, kinds):
		return
	case len(kinds) == 2 && r.loader.isAction(kinds[0].name) != r.loader.isAction(kinds[1].name):
		if r.loader.isAction(kinds[1].name) {
			kinds[0], kinds[1] = kinds[1], kinds[0]
		}
		d.unknownKey(kinds[1], beside.names)
	case len(kinds) > 1:
		d.failAt(kinds[1].key, "action", "an action has one kind, here are "+kinds[0].name+" and "+kinds[1].name,
			"begin each action with a dash, or check the indentation")
	}
	if len(kinds) == 0 {
		return
	}
	step := engine.Step{ID: text.ID, Kind: kinds[0].name, Identity: text.Identity, Outbox: isOutbox(text.Relays)}
	if !step.Outbox {
		step.Relays = text.Relays
	}
	r.besides(d, n, text, &step, earlier)
	r.build(d, kinds[0], &step)
	r.rule.Steps = append(r.rule.Steps, step)
}

// fallenOut reports keys of an action that stand beside it, because they are not indented far enough.
func (r *ruleReader) fallenOut(d *decoder, entries []entry) bool {
	i := slices.IndexFunc(entries, func(e entry) bool { return r.loader.isAction(e.name) })
	if i < 0 || len(entries) < 2 || !isNull(entries[i].value) {
		return false
	}
	kind, _ := r.loader.actionKind(entries[i].name)
	own := d.shapes.of(kind.Config).names
	for _, e := range slices.Delete(slices.Clone(entries), i, i+1) {
		if !slices.Contains(own, e.name) {
			return false
		}
		d.failAt(e.key, "unknown-key", e.name+" is a key of "+kind.Name+", and stands beside it", "indent it further than "+kind.Name)
	}
	return true
}

func (r *ruleReader) besides(d *decoder, n *yaml.Node, text stepText, step *engine.Step, earlier []string) {
	if text.ID != "" && !stepID.MatchString(text.ID) {
		d.failAt(find(n, "id"), "action-id", fmt.Sprintf("%q is no id", text.ID), "write letters, digits and _, so that outputs.id works")
	}
	if slices.Contains(earlier, text.ID) {
		d.failAt(find(n, "id"), "duplicate-name", "an earlier action has the id "+text.ID, "choose another id")
	}
	if text.Identity != "" {
		r.loader.resolveIdentity(d, find(n, "identity"), text.Identity)
	}
	if text.If != nil {
		d.decodeInto(text.If, &step.If)
	}
	switch text.OnError {
	case "", "stop":
	case "continue":
		step.Continue = true
	default:
		d.failAt(find(n, "on_error"), "type", fmt.Sprintf("%q is neither stop nor continue", text.OnError),
			"write continue to go on with the next action")
	}
}

func (r *ruleReader) build(d *decoder, e entry, step *engine.Step) {
	kind, ok := r.loader.actionKind(e.name)
	if !ok {
		hint := "the actions are " + listed(r.loader.actionNames())
		if near := expression.Nearest(e.name, r.loader.actionNames()); near != "" {
			hint = "did you mean " + near + "?"
		} else if near := expression.Nearest(e.name, r.loader.shapes.of(reflect.TypeFor[stepText]()).names); near != "" {
			hint = "did you mean " + near + "? It stands beside the kind of the action"
		}
		d.failAt(e.key, "unknown-action", "there is no action "+e.name, hint)
		return
	}
	before := d.report.failed()
	config := r.config(d, e, kind.Config, kind.Defaults)
	if d.report.failed() > before || d.expressions == nil {
		return
	}
	action, err := kind.Build(config.Interface())
	d.fieldErrors(e.key, e.value, err)
	if err != nil {
		return
	}
	if a, ok := action.(engine.EventAction); ok && a.NeedsEvent() && !r.offers["event"] {
		d.failAt(e.key, "needs-event", fmt.Sprintf("%s answers an event, but the trigger %s has none", e.name, r.rule.Triggers[0].Kind.Name),
			"use publish, or a trigger that offers event")
	}
	d.advise(e, config.Interface())
	step.Action, step.Silent = action, kind.Silent
}

func (l *loader) isAction(name string) bool {
	_, ok := l.actionKind(name)
	return ok
}

func (l *loader) actionKind(name string) (engine.ActionKind, bool) {
	for _, k := range l.opts.Kinds.Actions {
		if k.Name == name {
			return k, true
		}
	}
	return engine.ActionKind{}, false
}

func (l *loader) actionNames() []string {
	var names []string
	for _, k := range l.opts.Kinds.Actions {
		names = append(names, k.Name)
	}
	return names
}
