package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"rhea/engine"
	"rhea/engine/expression"
)

// ruleText is one rule: when its trigger fires and its conditions hold, its actions run.
type ruleText struct {
	// Name is unique. State and history are kept under it.
	Name string `yaml:"name"`
	// Enabled switches the rule off when false.
	Enabled *bool `yaml:"enabled"`
	// DryRun lets the rule decide and sign, but publishes and remembers nothing.
	DryRun bool `yaml:"dry_run"`
	// Identity is whom the rule acts as. Without it: that of defaults, else main, else the only one. A map makes an
	// identity of its own for each value of path, with a key derived from that of another.
	Identity *yaml.Node `yaml:"identity"`
	// Relays are where the rule publishes: a list, the name of a set, or outbox for the identity's write relays and the
	// read relays of the people it addresses (NIP-65). Without it: those of defaults, else the
	// relays of the file.
	Relays engine.Relays `yaml:"relays"`
	// Trigger is what sets the rule off: one kind with its configuration, or a list of which any does.
	Trigger *yaml.Node `yaml:"trigger"`
	// If is one expression, or a list of which all must hold.
	If *yaml.Node `yaml:"if"`
	// Actions run in order. What they make is signed and sent as a whole.
	Actions *yaml.Node `yaml:"actions"`
	// Dedupe is an expression whose value is answered once for ever, instead of the trigger's own key.
	Dedupe *yaml.Node `yaml:"dedupe"`

	behaviour `yaml:",inline"`
}

func (l *loader) readRules() {
	before := l.visited
	defer func() { l.visited = before }()
	for _, s := range l.sections["rules"] {
		n, ok := s.d.enter(s.value)
		if !ok {
			continue
		}
		if n.Kind != yaml.SequenceNode {
			s.d.failAt(n, "type", "this is "+shape(n)+", it must be a list of rules", "begin each rule with - name:")
		} else {
			for _, item := range n.Content {
				if l.report.full() {
					return
				}
				l.visited = 0 // Each rule is bounded by itself.
				if item, ok := s.d.enter(item); ok {
					l.readRule(s.d, item)
					s.d.leave()
				}
			}
		}
		s.d.leave()
	}
	if len(l.sections["rules"]) == 0 && l.first != nil && l.report.failed() == 0 {
		l.report.warn(l.first, place{1, 1}, "no-rules", "there are no rules", "")
	}
}

func (l *loader) readRule(d *decoder, n *yaml.Node) {
	before := d.report.failed()
	var text ruleText
	d.decodeTargets(n, &text)
	if n.Kind != yaml.MappingNode {
		return
	}
	where := keyOf(n, "name")
	switch {
	case text.Name == "" && where == nil:
		d.failAt(n, codeMissing, "this rule has no name", "add name: its state and history are kept under it")
	case text.Name == "" && d.report.failed() == before:
		d.failAt(find(n, "name"), "rule-name", "the name of this rule is empty", "write a short one, such as greet")
	case text.Name != "":
		l.define(d, find(n, "name"), "rule", text.Name)
	}
	d.checkBehaviour(n, text.behaviour, before)

	rule := engine.Rule{
		Name: text.Name, Place: fmt.Sprintf("%s:%d", d.src.name, n.Line), DryRun: text.DryRun,
		Disabled:    text.Enabled != nil && !*text.Enabled,
		Relays:      l.resolveRelays(text.Relays),
		Outbox:      isOutbox(text.Relays) || len(text.Relays) == 0 && isOutbox(l.defaults.Relays),
		PoW:         engine.DefaultPoWBudget(),
		Concurrency: 4, Quorum: 1, RepeatAfter: time.Hour, Patience: engine.Patience{Break: 8 * time.Hour},
		Retry: engine.Retry{Initial: 2 * time.Second, Max: 5 * time.Minute, MaxElapsed: 24 * time.Hour},
	}
	r := ruleReader{loader: l, d: d, node: n, text: text, rule: &rule, before: before}
	r.triggers()
	r.identity()
	r.conditions()
	r.actions()
	rule.Fingerprint = r.fingerprint()
	r.behave()
	if r.compiler != nil {
		rule.Uses, rule.Cycles = r.loader.used(r.compiler.Uses()), r.compiler.Cycles()
	}
	if d.report.failed() == before {
		if message, hint := l.answerers.collect(&rule); message != "" {
			d.report.warn(d.src, placeOf(find(n, "name")), "answers-twice", message, hint)
		}
	}
	l.file.Rules = append(l.file.Rules, rule)
}

// used returns one set for all rules that name the same variables.
func (l *loader) used(names map[string]bool) map[string]bool {
	key := strings.Join(slices.Sorted(maps.Keys(names)), " ")
	if l.uses[key] == nil {
		l.uses[key] = names
	}
	return l.uses[key]
}

func (l *loader) resolveRelays(own []string) []string {
	switch {
	case len(own) > 0 && !isOutbox(own):
		return own
	case len(l.defaults.Relays) > 0 && !isOutbox(l.defaults.Relays):
		return l.defaults.Relays
	}
	return l.file.RelaySets["default"]
}

// ruleReader reads what stands in one rule.
type ruleReader struct {
	loader *loader
	d      *decoder
	node   *yaml.Node
	text   ruleText
	rule   *engine.Rule
	// before counts the mistakes that were there before this rule.
	before int
	// compiler is nil when nothing is known about the data, because the trigger is wrong.
	compiler *expression.Compiler
	offers   map[string]bool
	// entries are the triggers as they are written.
	entries []entry
}

func (r *ruleReader) conditions() {
	if r.text.If == nil {
		return
	}
	list := []*yaml.Node{r.text.If}
	if r.text.If.Kind == yaml.SequenceNode {
		list = r.text.If.Content
		if len(list) == 0 {
			r.d.failAt(r.text.If, "type", "this list of conditions is empty", "leave if out to let everything through")
		}
	}
	d := r.compiling(r.compiler)
	for _, n := range list {
		var condition engine.Condition
		d.decodeInto(n, &condition)
		if *d.visited >= maxNodes {
			return // That was reported.
		}
		r.rule.If = append(r.rule.If, condition)
	}
	if r.compiler != nil {
		r.contradictions(list)
	}
}

// compiling returns a decoder that compiles what it finds.
func (r *ruleReader) compiling(c *expression.Compiler) *decoder {
	d := *r.d
	d.expressions = c
	return &d
}

func (r *ruleReader) behave() {
	rule := r.rule
	if answers, replies := r.answersPeople(); answers && replies {
		rule.Limit.Author = []engine.Rate{{Count: 10, Per: time.Hour}, {Count: 30, Per: 24 * time.Hour}}
		rule.Limit.Thread = []engine.Rate{{Count: 5, Per: engine.CounterAge}}
		rule.Patience.Answers = 30
	}
	for _, t := range rule.Triggers {
		rule.MaxAge = max(rule.MaxAge, t.Kind.MaxAge)
	}
	r.loader.defaults.apply(rule)
	r.text.apply(rule)
	rule.RepeatPlanned = r.text.RepeatAfter != nil
	r.optOut()
	d := r.compiling(r.compiler)
	if r.text.Dedupe != nil {
		rule.Dedupe = d.key(r.text.Dedupe)
	}
	if c := r.text.Concurrency; c != nil && c.Group != nil {
		rule.Group = d.key(c.Group)
	} else if c := r.loader.defaults.Concurrency; c != nil && c.Group != nil {
		own := *r.loader.defaults.decoder
		own.expressions = r.compiler
		rule.Group = own.key(c.Group)
	}
	r.unguarded()
	r.adviseRule()
	if len(rule.Relays) == 0 && r.loader.report.failed() == 0 {
		r.d.report.warn(r.d.src, placeOf(r.node), "no-relays", "this rule has no relays to publish to", "add the top-level key relays: [wss://…]")
	}
	if rule.Quorum > len(rule.Relays) && len(rule.Relays) > 0 && !rule.Outbox {
		r.d.failAt(find(r.node, "quorum"), "quorum",
			fmt.Sprintf("%d relays must accept, and the rule publishes to %d", rule.Quorum, len(rule.Relays)),
			fmt.Sprintf("write %d or less, or add relays", len(rule.Relays)))
	}
}

func (r *ruleReader) answersPeople() (answers, replies bool) {
	for _, t := range r.rule.Triggers {
		answers = answers || t.Kind.Answers
	}
	for _, s := range r.rule.Steps {
		replies = replies || s.Kind == "reply"
	}
	// Whoever speaks to the bot gets an answer, however it is written.
	replies = replies || slices.ContainsFunc(r.rule.Triggers, func(t engine.RuleTrigger) bool { return t.Kind.Addressed })
	return answers, replies
}

// offered are the variables of a kind of trigger.
func (l *loader) offered(kind engine.TriggerKind) map[string]bool {
	names, ok := l.scopes[kind.Data]
	if !ok {
		names = map[string]bool{}
		for _, n := range expression.Names(kind.Data) {
			names[n.Path] = true
		}
		l.scopes[kind.Data] = names
	}
	return names
}

// ruleNamed is [File.Rule] for a file with many tests.
func (l *loader) ruleNamed(name string) (*engine.Rule, bool) {
	if l.byName == nil {
		l.byName = make(map[string]*engine.Rule, len(l.file.Rules))
		for i := range slices.Backward(l.file.Rules) {
			l.byName[l.file.Rules[i].Name] = &l.file.Rules[i]
		}
	}
	rule, ok := l.byName[name]
	return rule, ok
}
