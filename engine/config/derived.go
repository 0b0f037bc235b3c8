package config

import (
	"reflect"

	"gopkg.in/yaml.v3"

	"rhea/engine"
)

// derivedText is an identity of its own for each value of path, such as one for each of many feeds.
type derivedText struct {
	// Derive names the identity whose key all of them are derived from.
	Derive string `yaml:"derive"`
	// Path tells one from another, such as ${{ feed.url }}. The same path is the same key for ever.
	Path engine.Text `yaml:"path"`
	// Profile is what each of them says about itself (kind 0), with bot: true. It is published before the next event
	// whenever it has changed. What is empty is left out.
	Profile *derivedProfile `yaml:"profile"`
}

// derivedProfile is the profile of a derived identity.
type derivedProfile struct {
	// Name is the short name.
	Name engine.Text `yaml:"name"`
	// DisplayName is a longer, free name.
	DisplayName engine.Text `yaml:"display_name"`
	// About is a text about the bot and who runs it.
	About engine.Text `yaml:"about"`
	// Picture is the address of an image.
	Picture engine.Text `yaml:"picture"`
	// Banner is the address of a wide image.
	Banner engine.Text `yaml:"banner"`
	// Website is an address.
	Website engine.Text `yaml:"website"`
	// NIP05 is a name at a domain that points to the key.
	NIP05 engine.Text `yaml:"nip05"`
	// LUD16 is a lightning address.
	LUD16 engine.Text `yaml:"lud16"`
}

// fields lists what was written.
func (p *derivedProfile) fields() []engine.ProfileField {
	all := []engine.ProfileField{} // A profile without a field still marks a bot.
	v := reflect.ValueOf(p).Elem()
	for _, f := range Fields(v.Type()) {
		if text, ok := reflect.TypeAssert[engine.Text](v.FieldByIndex(f.Index)); ok && !text.IsZero() {
			all = append(all, engine.ProfileField{Name: f.Name, Text: text})
		}
	}
	return all
}

// identityName reads whom a rule or the defaults act as; of a map that is the identity that others are derived from.
// All other mistakes in a map are reported when it is compiled.
func (l *loader) identityName(d *decoder, n *yaml.Node) string {
	switch {
	case n == nil:
		return ""
	case n.Kind == yaml.MappingNode:
		key := keyOf(n, "derive")
		if key == nil {
			d.failAt(n, "undefined-identity", "it is not said which identity these are derived from",
				"add derive: with one of "+listed(l.identityNames()))
			return ""
		}
		n = find(n, "derive")
	}
	var name string
	d.decodeInto(n, &name)
	return name
}

// identity reads whom the rule acts as.
func (r *ruleReader) identity() {
	n, d := r.text.Identity, r.d
	if n == nil {
		n, d = r.loader.defaults.Identity, r.loader.defaults.decoder
		r.rule.Identity = r.loader.resolveIdentity(r.d, r.node, "")
	} else if name := r.loader.identityName(d, n); name != "" || n.Kind == yaml.ScalarNode {
		at := n
		if n.Kind == yaml.MappingNode {
			at = find(n, "derive")
		}
		r.rule.Identity = r.loader.resolveIdentity(d, at, name)
	}
	if n == nil || n.Kind != yaml.MappingNode {
		return
	}
	own := *d
	own.expressions = r.compiler
	var text derivedText
	own.decodeInto(n, &text)
	if keyOf(n, "path") == nil {
		own.failAt(n, "identity-path", "it is not said what tells one derived identity from another",
			"add path: with a text such as ${{ "+r.example()+" }}")
		return
	}
	if source := find(n, "path"); r.compiler != nil && source.Kind == yaml.ScalarNode {
		if t, ok := own.template(source); ok && !t.Dynamic() {
			own.failAt(source, "identity-path", "this path is always the same",
				"write a text such as ${{ "+r.example()+" }}, or define an identity with key: { derive, path }")
			return
		}
	}
	r.rule.Derived = &engine.Derived{Path: text.Path}
	if text.Profile != nil {
		r.rule.Derived.Profile = text.Profile.fields()
	}
}

// example is a variable of the rule's trigger that makes a good path.
func (r *ruleReader) example() string {
	if r.offers["event"] {
		return "event.pubkey"
	}
	return "feed.url"
}
