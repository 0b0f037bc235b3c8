package config

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"rhea/engine"
	"rhea/engine/expression"
)

// testText is one test: what is shown to a rule, and what must come of it.
type testText struct {
	// Rule is the name of the rule under test.
	Rule string `yaml:"rule"`
	// Name describes what the test shows; rhea test --run selects by it.
	Name string `yaml:"name"`
	// Sequence is a list of steps, each with what is shown and what must come of it. What one leaves behind, such as
	// what was answered already, the next one finds.
	Sequence []TestStep `yaml:"sequence"`

	TestStep `yaml:",inline"`
}

var outcomes = []string{
	string(engine.Fired), string(engine.ConditionFalse), string(engine.ConditionError), string(engine.Duplicate),
	string(engine.TooOld), string(engine.Self), string(engine.Loop), string(engine.RateLimited),
	string(engine.BadSignature), string(engine.ActionError), string(engine.DryRun), string(engine.Disabled),
	string(engine.NoMatch),
}

func (l *loader) readTests() {
	for _, s := range l.sections["tests"] {
		n, ok := s.d.enter(s.value)
		if !ok {
			continue
		}
		if n.Kind != yaml.SequenceNode {
			s.d.failAt(n, "type", "this is "+shape(n)+", it must be a list of tests", "begin each test with - rule:")
		} else {
			for _, item := range n.Content {
				if l.report.full() {
					return
				}
				l.visited = 0 // As each rule is.
				l.readTest(s.d, item)
			}
		}
		s.d.leave()
	}
}

func (l *loader) readTest(d *decoder, n *yaml.Node) {
	var text testText
	before := d.report.failed()
	d.decodeInto(n, &text)
	if n.Kind != yaml.MappingNode {
		return
	}
	rule, ok := l.ruleNamed(text.Rule)
	switch {
	case text.Rule == "":
		d.failAt(n, "test", "this test names no rule", "add rule:")
		return
	case !ok:
		var names []string
		for _, r := range l.file.Rules {
			names = append(names, r.Name)
		}
		d.failAt(find(n, "rule"), "undefined-rule", "there is no rule named "+text.Rule, nearHint(text.Rule, slices.Compact(names), "the rules are "))
		return
	}
	test := Test{
		Rule: text.Rule, Name: text.Name, Place: fmt.Sprintf("%s:%d", d.src.name, n.Line),
		Dir: filepath.Dir(d.src.name), Steps: text.Sequence,
	}
	if len(text.Sequence) == 0 {
		test.Steps = []TestStep{text.TestStep}
		l.checkStep(d, n, rule, text.TestStep)
	} else {
		if !reflect.DeepEqual(text.TestStep, TestStep{}) {
			d.failAt(n, "test", "this test has a sequence and a signal of its own beside it", "put everything into the sequence")
		}
		for i, step := range text.Sequence {
			l.checkStep(d, find(n, fmt.Sprint("sequence.", i)), rule, step)
		}
	}
	if d.report.failed() == before && !slices.ContainsFunc(test.Steps, func(s TestStep) bool { return !reflect.DeepEqual(s.Expect, Expect{}) }) {
		d.failAt(keyOrNode(n, "expect"), "test-expects-nothing", "this test expects nothing, so it can never fail",
			"add expect: { outcome: fired }, or what else must come of it")
	}
	l.file.Tests = append(l.file.Tests, test)
}

// keyOrNode is the place of a key that may be missing.
func keyOrNode(n *yaml.Node, name string) *yaml.Node {
	if key := keyOf(n, name); key != nil {
		return key
	}
	return n
}

func (l *loader) checkStep(d *decoder, n *yaml.Node, rule *engine.Rule, step TestStep) {
	for name, given := range map[string]bool{
		"event": step.Event != nil, "author": step.Author != nil, "item": step.Item != nil, "request": step.Request != nil,
	} {
		if given && len(rule.Triggers) > 0 {
			l.checkData(d, n, name, rule.Triggers[0].Kind)
		}
	}
	if out := string(step.Expect.Outcome); out != "" && !slices.Contains(outcomes, out) {
		d.failAt(find(n, "expect.outcome"), "outcome", fmt.Sprintf("there is no outcome %q", out), nearHint(out, outcomes, "the outcomes are "))
	}
	l.checkTestEvents(d, n, step)
	if m := step.Expect.Reason; m != nil {
		checkPattern(d, find(n, "expect.reason.matches"), m.Matches)
	}
	for i, p := range step.Expect.Published {
		at := find(n, fmt.Sprint("expect.published.", i))
		if p.Identity != "" {
			base, _, _ := strings.Cut(p.Identity, "/") // One that is derived is called name/path.
			l.resolveIdentity(d, find(at, "identity"), base)
		}
		if p.Content != nil {
			checkPattern(d, find(at, "content.matches"), p.Content.Matches)
		}
	}
}

func checkPattern(d *decoder, n *yaml.Node, pattern string) {
	if message, hint := expression.PatternMistake(pattern); message != "" {
		d.failAt(n, "regexp", message, hint)
	}
}

// checkTestEvents checks a test without its expectations.
func (l *loader) checkTestEvents(d *decoder, n *yaml.Node, step TestStep) {
	whole := map[string]bool{
		"event": step.Event != nil, "item": step.Item != nil, "feed": step.Feed != "", "data": step.Data != nil,
		"request": step.Request != nil,
	}
	var given []string
	for _, name := range sortedKeys(whole) {
		if whole[name] {
			given = append(given, name)
		}
	}
	if len(given) > 1 {
		d.failAt(keyOf(n, given[1]), "test", given[0]+" and "+given[1]+" are two signals", "write a sequence")
	}
	if e := step.Event; e != nil && e.Sig != "" && (e.From != "" || e.ReplyTo != "" || e.ID == "" || e.Pubkey == "") {
		d.failAt(find(n, "event.sig"), "test", "an event with a sig is a whole one: with id, pubkey, created_at, kind, tags and content",
			"leave sig out to have the rest made up and signed")
	}
}

// checkData checks that the trigger offers what the test gives, with these names.
func (l *loader) checkData(d *decoder, n *yaml.Node, name string, kind engine.TriggerKind) {
	names := l.offered(kind)
	if !names[name] {
		d.failAt(keyOf(n, name), "test", fmt.Sprintf("the trigger %s offers no %s", kind.Name, name), "")
		return
	}
	if name == "event" {
		return // Its keys are those of a test's own event, decoded already.
	}
	entries, _ := d.entries(find(n, name), "a map")
	for _, e := range entries {
		if !names[name+"."+e.name] {
			var known []string
			for path := range names {
				if rest, ok := strings.CutPrefix(path, name+"."); ok {
					known = append(known, rest)
				}
			}
			slices.Sort(known)
			d.unknownKey(e, known)
		}
	}
}

// match decodes a text that must be equal, or a map that says how it must be alike.
func (d *decoder) match(n *yaml.Node) Match {
	var m Match
	if n.Kind == yaml.ScalarNode {
		text, _ := d.plainText(n, reflect.TypeFor[string]())
		m.Equals = &text
		return m
	}
	type plain Match
	d.structure(n, reflect.ValueOf((*plain)(&m)).Elem())
	return m
}
