package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"rhea/engine"
	"rhea/engine/expression"
)

// decodeInto decodes into what to points at.
func (d *decoder) decodeInto(n *yaml.Node, to any) { d.decode(n, reflect.ValueOf(to).Elem()) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// identityText is a name that rules act as.
type identityText struct {
	// Key says where the key is to be found. It never stands in the file itself.
	Key engine.SecretRef `yaml:"key"`
	// FloodStop is the most that the identity may publish: a rate, or a list of rates that all hold. What
	// strangers set off takes half of it at most, and slows down. When anything else would exceed it, all rules of the
	// identity are held until rhea resume. Without it: 600/10m and 10000/1d.
	FloodStop *[]engine.Rate `yaml:"flood_stop"`
	// Profile is what the identity says about itself (kind 0). Without it, an identity that answers people is marked as a
	// bot all the same: its profile gets bot: true, and if no relay has one, {"name": …, "bot": true} with the name of the
	// rule is published. false publishes nothing of the sort.
	Profile *yaml.Node `yaml:"profile"`
	// Inbox are the relays where it reads what is written to it (kind 10002).
	Inbox engine.Relays `yaml:"inbox"`
	// Outbox are the relays where it writes (kind 10002).
	Outbox engine.Relays `yaml:"outbox"`
	// DMRelays are the relays for private messages to it (kind 10050).
	DMRelays engine.Relays `yaml:"dm_relays"`
}

// keyed is an identity with the node of its key, for what can be checked only when all are known.
type keyed struct {
	d        *decoder
	identity Identity
	node     *yaml.Node
}

func (l *loader) readIdentities() {
	var all []keyed
	for _, s := range l.sections["identities"] {
		n, ok := s.d.enter(s.value)
		if !ok {
			continue
		}
		entries, _ := s.d.entries(n, "a map of names with their keys")
		s.d.leave()
		for _, e := range entries {
			if !l.define(s.d, e.key, "identity", e.name) {
				continue
			}
			if len(all) == maxIdentities {
				s.d.failAt(e.key, "too-large", fmt.Sprintf("there are more than %d identities", maxIdentities), "")
				return
			}
			id := l.identity(s.d, e)
			all = append(all, keyed{s.d, id, e.key})
			l.file.Identities = append(l.file.Identities, id)
		}
	}
	for _, k := range all {
		l.checkDerive(k)
	}
	if len(all) == 0 && l.first != nil && len(l.sections) > 0 && len(l.sections["rules"]) > 0 {
		s := l.sections["rules"][0]
		s.d.failAt(s.key, "undefined-identity", "there is nobody to act as: no identity is defined",
			"add identities: { main: { key: { env: BOT_NSEC } } }")
	}
}

func (l *loader) identity(d *decoder, e entry) Identity {
	id := Identity{
		Name: e.name, Place: fmt.Sprintf("%s:%d", d.src.name, e.key.Line),
		at: Problem{Severity: Error, File: d.src.name, Line: e.key.Line, Column: e.key.Column, Snippet: d.src.snippet(e.key.Line)},
	}
	var text identityText
	d.decodeInto(e.value, &text)
	if e.value.Kind == yaml.MappingNode && keyOf(e.value, "key") == nil {
		d.failAt(e.key, "secret-ref", "the identity "+e.name+" has no key", keyHint)
	}
	d.profile(text.Profile, &id)
	if text.FloodStop != nil {
		d.fieldErrors(e.value, e.value, floodError(text.FloodStop))
		id.FloodStop = *text.FloodStop
	}
	id.Key, id.Inbox, id.Outbox, id.DMRelays = text.Key, text.Inbox, text.Outbox, text.DMRelays
	return id
}

// profile reads the profile of an identity, which is a map, or false for none.
func (d *decoder) profile(n *yaml.Node, id *Identity) {
	if n == nil {
		return
	}
	var profiled bool
	if n.Kind == yaml.ScalarNode && n.Tag == "!!bool" && n.Decode(&profiled) == nil {
		if id.NoProfile = !profiled; profiled {
			d.failAt(n, "type", "this is true, it must be a map or false", "write what it says, such as profile: { name: Example Bot }")
		}
		return
	}
	id.Profile = &Profile{Bot: true}
	d.decodeInto(n, id.Profile)
}

// Problem is a mistake that showed only when the identity was used, such as a key that cannot be read, at its place.
func (id Identity) Problem(code, message, hint string) Problem {
	p := id.at
	p.Code, p.Message, p.Hint = code, engine.Redact(message), engine.Redact(hint)
	return p
}

// maxDerive and maxIdentities keep lookups short.
const (
	maxDerive     = 8
	maxIdentities = 1000
)

// checkDerive follows the chain of derived keys to one that stands by itself.
func (l *loader) checkDerive(k keyed) {
	seen := []string{k.identity.Name}
	for id := k.identity; id.Key.Derive != ""; {
		next, ok := l.file.Identity(id.Key.Derive)
		if !ok {
			if id.Name == k.identity.Name {
				k.d.failAt(k.node, "undefined-identity", "this is derived from "+id.Key.Derive+", which is no identity", l.identityHint(id.Key.Derive))
			}
			return
		}
		if len(seen) > maxDerive {
			k.d.failAt(k.node, "secret-ref", "this key is derived over too many steps", "derive it from one that is not derived itself")
			return
		}
		if slices.Contains(seen, next.Name) {
			k.d.failAt(k.node, "secret-ref", "this key is derived from itself: "+strings.Join(append(seen, next.Name), " ← "), "")
			return
		}
		seen = append(seen, next.Name)
		id = next
	}
}

func (l *loader) identityNames() []string {
	var names []string
	for _, id := range l.file.Identities {
		names = append(names, id.Name)
	}
	return names
}

func (l *loader) identityHint(name string) string {
	names := l.identityNames()
	if near := expression.Nearest(name, names); near != "" {
		return "did you mean " + near + "?"
	}
	return "the identities are " + listed(names)
}

// resolveIdentity checks a name that was given, or finds the one to use when none was.
func (l *loader) resolveIdentity(d *decoder, n *yaml.Node, own string) string {
	if own != "" {
		if _, ok := l.file.Identity(own); !ok && len(l.file.Identities) > 0 {
			d.failAt(n, "undefined-identity", "there is no identity named "+own, l.identityHint(own))
		}
		return own
	}
	if l.defaults.actsAs != "" {
		return l.defaults.actsAs
	}
	if _, ok := l.file.Identity("main"); ok {
		return "main"
	}
	switch len(l.file.Identities) {
	case 0:
		return ""
	case 1:
		return l.file.Identities[0].Name
	}
	d.failAt(n, "undefined-identity", "it is not said whom this rule acts as", "add identity: with one of "+listed(l.identityNames())+", or name one main")
	return ""
}
