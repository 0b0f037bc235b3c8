package config

import (
	"reflect"
	"regexp"

	"gopkg.in/yaml.v3"

	"rhea/engine"
)

var (
	envName    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	hexKey     = regexp.MustCompile(`^[0-9a-fA-F]{64}$`)
	secretWord = regexp.MustCompile(`(?i)(nsec|ncryptsec)1[a-z0-9]{6,}|bunker://|nostr\+walletconnect://`)
	onlyEnv    = regexp.MustCompile(`^\$\{(\w+)\}$`)
)

const keyHint = "write key: { env: NAME } and keep the key in that environment variable"

// secretRef decodes where a secret is to be found. What is or may be a secret itself is never repeated.
func (d *decoder) secretRef(n *yaml.Node) engine.SecretRef {
	if n.Kind == yaml.ScalarNode {
		hint := keyHint
		if m := onlyEnv.FindStringSubmatch(n.Value); m != nil {
			hint = "write { env: " + m[1] + " }"
		}
		d.literalKey(n, "a secret must not stand in the configuration", hint)
		return engine.SecretRef{}
	}
	var ref engine.SecretRef
	if d.guard(n) {
		return ref
	}
	// A struct of the same shape without the special treatment.
	type plain engine.SecretRef
	before := d.report.failed()
	d.structure(n, reflect.ValueOf((*plain)(&ref)).Elem())
	if d.report.failed() == before {
		d.checkRef(n, ref)
	}
	return ref
}

func (d *decoder) literalKey(n *yaml.Node, message, hint string) {
	d.src.hide(n)
	d.failAt(n, "literal-key", message, hint)
}

// guard reports secrets where a name or a path is expected, and whether there were any.
func (d *decoder) guard(n *yaml.Node) (found bool) {
	for _, value := range n.Content {
		if value.Kind == yaml.ScalarNode && (hexKey.MatchString(value.Value) || secretWord.MatchString(value.Value)) {
			d.literalKey(value, "a secret must not stand in the configuration", keyHint)
			found = true
		}
	}
	return found
}

func (d *decoder) checkRef(n *yaml.Node, ref engine.SecretRef) {
	sources := 0
	for _, set := range []bool{ref.Env != "", ref.File != "", ref.Credential != "", ref.Bunker != nil, ref.Derive != ""} {
		if set {
			sources++
		}
	}
	fail := func(message, hint string) { d.failAt(n, "secret-ref", message, hint) }
	switch {
	case sources != 1:
		fail("this must name exactly one of env, file, credential, bunker and derive", "for example { env: BOT_NSEC }")
	case ref.Env != "" && !envName.MatchString(ref.Env):
		fail("env must be the name of an environment variable", "for example { env: BOT_NSEC }")
	case ref.Derive != "" && ref.Path == "":
		fail("derive needs a path, which tells the children of one identity apart", "add path: \"…\"")
	case ref.Derive == "" && ref.Path != "":
		fail("path belongs to derive", "")
	case ref.Passphrase != nil && (ref.Bunker != nil || ref.Derive != ""):
		fail("passphrase belongs to an encrypted key in env, file or credential", "")
	case ref.Passphrase != nil && (ref.Passphrase.Derive != "" || ref.Passphrase.Bunker != nil),
		ref.Bunker != nil && (ref.Bunker.Derive != "" || ref.Bunker.Bunker != nil):
		fail("a passphrase or a bunker address comes from env, file or credential", "")
	}
}

// guardAll reports keys (nsec1…) anywhere in a text: wherever they stand, they are meant to be secret.
func (d *decoder) guardAll(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && engine.Redact(n.Value) != n.Value {
		d.literalKey(n, "a secret must not stand in the configuration", keyHint)
	}
	for _, child := range n.Content {
		d.guardAll(child)
	}
}
