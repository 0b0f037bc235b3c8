package config

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"gopkg.in/yaml.v3"

	"rhea/engine"
	"rhea/engine/expression"
)

// What follows finds what is allowed and probably not meant. Every warning shows how to write it on purpose.

// advise reports what a kind advises about its own configuration.
func (d *decoder) advise(e entry, config any) {
	if adviser, ok := config.(engine.Adviser); ok {
		d.advice(e, adviser.Advise())
	}
}

// adviseRule reports what the kinds of triggers advise about the rule.
func (r *ruleReader) adviseRule() {
	if r.loader.report.failed() > r.before {
		return // What a mistake left empty was not left out.
	}
	for i, t := range r.rule.Triggers {
		if adviser, ok := t.Config.(engine.RuleAdviser); ok {
			r.d.advice(r.entries[i], adviser.AdviseRule(r.rule))
		}
	}
}

// advice reports pieces of advice, each at its key.
func (d *decoder) advice(e entry, err error) {
	walkErrors(err, "", func(path string, err error) {
		advice := &engine.Advice{Code: "odd", Message: err.Error()}
		errors.As(err, &advice)
		at := e.key
		if path != "" {
			if at = find(e.value, path); at == e.value {
				at = e.key
			}
		}
		d.report.warn(d.src, placeOf(at), advice.Code, advice.Message, advice.Hint)
	})
}

// asked is a demand with who asks it and what to do when another one contradicts it.
type asked struct {
	expression.Demand
	by, hint string
}

// contradictions warns about conditions that cannot hold together, and about those that ask for kinds of events that
// the triggers do not listen for.
func (r *ruleReader) contradictions(conditions []*yaml.Node) {
	if r.loader.report.failed() > r.before {
		return // The mistakes would be reported twice.
	}
	before := r.kindsAsked()
	for _, n := range conditions {
		if n.Kind != yaml.ScalarNode {
			continue
		}
		for _, demand := range expression.Demands(n.Value) {
			earlier, ok := before.add(asked{demand, "in another condition", "write or instead of and, or two rules"})
			if !ok {
				r.d.report.warn(r.d.src, placesOf(r.d.src, n).at(demand.Offset), "never-fires", fmt.Sprintf(
					"this rule never fires: %s must be %v here, and %v %s", demand.Subject, demand, earlier.Demand, earlier.by), earlier.hint)
				return
			}
		}
	}
}

// askings are what the conditions of a rule ask, by subject.
type askings map[string]*askedOf

// askedOf is what is asked of one subject: one by one, and together. So what comes is compared once, however many there are.
type askedOf struct {
	each     []asked
	together expression.Demand
}

// add notes a demand. False means that it contradicts an earlier one, or else all of them together.
func (all askings) add(a asked) (earlier asked, ok bool) {
	of := all[a.Subject]
	if of == nil {
		all[a.Subject] = &askedOf{[]asked{a}, a.Demand}
		return asked{}, true
	}
	both, ok := of.together.And(a.Demand)
	if !ok {
		for _, b := range of.each {
			if b.Contradicts(a.Demand) {
				return b, false
			}
		}
		return asked{of.together, "in other conditions", a.hint}, false
	}
	of.each, of.together = append(of.each, a), both
	return asked{}, true
}

// kindsAsked is what the triggers of the rule demand of event.kind.
func (r *ruleReader) kindsAsked() askings {
	before := make(askings)
	if !r.offers["event.kind"] {
		return before
	}
	demand := expression.Demand{Subject: "event.kind"}
	for _, t := range r.rule.Triggers {
		kinds := r.loader.kindsOf(reflect.ValueOf(t.Config))
		if len(kinds) == 0 {
			return before
		}
		for _, k := range kinds {
			demand.OneOf = append(demand.OneOf, float64(k))
		}
	}
	before.add(asked{demand, "for the trigger", "add the kind to the kinds of the trigger, or remove this condition"})
	return before
}

// kindsOf returns the key kinds of a configuration.
func (l *loader) kindsOf(config reflect.Value) []int {
	if config.Kind() != reflect.Struct {
		return nil
	}
	index, ok := l.shapes.of(config.Type()).index["kinds"]
	if !ok {
		return nil
	}
	kinds, _ := reflect.TypeAssert[[]int](config.FieldByIndex(index))
	return kinds
}

// unguarded warns about guards that a rule that answers people has switched off, by itself or by the defaults.
func (r *ruleReader) unguarded() {
	if r.loader.report.failed() > r.before || r.loader.defaults.broken || !r.actsOnPeople() {
		return // What a mistake left empty was not switched off.
	}
	guards := []struct {
		path string
		off  func(b behaviour) bool
		open bool // also for the rule as it is, with all that was set
		says string
		hint string
	}{
		{"max_age", func(b behaviour) bool { return b.MaxAge != nil }, r.rule.MaxAge == 0,
			"strangers' events of any age are answered: a relay may bring years of them", "write a time span such as 15m"},
		{"limit.author", func(b behaviour) bool { return b.Limit != nil && b.Limit.Author != nil },
			len(r.rule.Limit.Author) == 0 && len(r.rule.Limit.Rate) == 0,
			"strangers set this rule off, and nothing limits the answers to one of them", "write a rate such as 10/1h, or limit the rule with rate: 60/1h"},
		{"limit.thread", func(b behaviour) bool { return b.Limit != nil && b.Limit.Thread != nil },
			len(r.rule.Limit.Thread) == 0 && len(r.rule.Limit.Rate) == 0,
			"strangers set this rule off, and nothing limits the answers within a thread", "write a number such as 5, or limit the rule with rate: 60/1h"},
		{"loops.bots", func(b behaviour) bool { return b.Loops != nil && b.Loops.Bots != nil },
			r.rule.AllowBots && (len(r.rule.Limit.Author) == 0 || len(r.rule.Limit.Thread) == 0),
			"other bots are answered too, and without all limits two bots may go on for ever",
			"write bots: ignore, or limit both author and thread"},
		{"loops.patience", func(b behaviour) bool { return b.Loops != nil && b.Loops.Patience != nil }, r.rule.Patience.Answers == 0,
			"an author who never takes a break is answered for ever: so two bots never fall silent", "write a number such as 30"},
		{"opt_out.stop", func(b behaviour) bool { return b.OptOut != nil && b.OptOut.Stop != nil },
			r.rule.OptOut != nil && len(r.rule.OptOut.Stop) == 0,
			"people cannot tell the bot to leave them alone", "write a word such as [stop]"},
		{"repeat_after", func(b behaviour) bool { return b.RepeatAfter != nil }, r.rule.RepeatAfter == 0,
			"the same people may be told the same again and again", "write a time span such as 1h"},
	}
	for _, g := range guards {
		if !g.open {
			continue
		}
		d, from := r.d, r.node
		switch {
		case g.off(r.text.behaviour):
		case g.off(r.loader.defaults.behaviour):
			d, from = r.loader.defaults.decoder, r.loader.defaults.node
		default:
			continue
		}
		key := find(from, g.path)
		d.report.warn(d.src, placeOf(key), "guard-off", g.says, g.hint)
	}
}

// actsOnPeople reports whether the rule answers other people's events with something about them.
func (r *ruleReader) actsOnPeople() bool {
	if answers, _ := r.answersPeople(); !answers {
		return false
	}
	return slices.ContainsFunc(r.rule.Steps, func(s engine.Step) bool {
		a, ok := s.Action.(engine.EventAction)
		return ok && a.NeedsEvent()
	})
}
