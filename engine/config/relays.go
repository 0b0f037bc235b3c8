package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"rhea/engine"
	"rhea/engine/expression"
)

// outboxWord stands in place of relays for where the identity and the people it addresses publish and read (NIP-65).
const outboxWord = "outbox"

// isOutbox reports whether relays were written as that word.
func isOutbox(relays []string) bool { return len(relays) == 1 && relays[0] == outboxWord }

// decodeTargets is decodeInto for what publishes, where the word outbox may stand for relays.
func (d *decoder) decodeTargets(n *yaml.Node, to any) {
	own := *d
	own.outbox = true
	own.decodeInto(n, to)
}

// relayList decodes a list of addresses or the name of a set.
func (d *decoder) relayList(n *yaml.Node) engine.Relays {
	if n.Kind == yaml.ScalarNode {
		return d.relaySet(n)
	}
	if n.Kind != yaml.SequenceNode {
		d.failAt(n, "type", "this is "+shape(n)+", it must be "+d.types.want(reflect.TypeFor[engine.Relays]()), "")
		return nil
	}
	list := engine.Relays{}
	for _, item := range n.Content {
		item, ok := d.enter(item)
		if !ok {
			return nil
		}
		d.leave()
		text, ok := d.plainText(item, reflect.TypeFor[string]())
		if !ok {
			continue
		}
		address, err := relayAddress(text)
		if err != nil {
			d.failAt(item, "relay", d.unresolved(item, text, err.Error()), "")
			continue
		}
		if !slices.Contains(list, address) {
			list = append(list, address)
		}
	}
	if len(n.Content) == 0 {
		d.failAt(n, "relay", "this list of relays is empty", "")
	}
	return list
}

func (d *decoder) relaySet(n *yaml.Node) engine.Relays {
	name, ok := d.plainText(n, reflect.TypeFor[string]())
	if !ok {
		return nil
	}
	if strings.Contains(name, "://") {
		d.failAt(n, "type", "this is a text, it must be a list of addresses or the name of a set", "write it as a list: ["+n.Value+"]")
		return nil
	}
	if name == outboxWord {
		if !d.outbox {
			d.failAt(n, "relay", "outbox says where to publish, so it can stand only in defaults, beside a rule or beside an action",
				"write a list of wss:// addresses or the name of a set")
			return nil
		}
		return engine.Relays{outboxWord}
	}
	if d.relays == nil {
		d.failAt(n, "type", "a set cannot be named here", "write a list of wss:// addresses")
		return nil
	}
	set, names, ok := d.relays(name)
	if !ok {
		hint := "define it under the top-level relays"
		if near := expression.Nearest(name, names); near != "" {
			hint = "did you mean " + near + "?"
		} else if len(names) > 0 {
			hint = "the sets are " + listed(names)
		}
		d.failAt(n, "undefined-relays", "there is no set of relays named "+name, hint)
	}
	return set
}

// relayAddress checks and normalises an address: lower case, no default port, no slash at the end.
func relayAddress(text string) (string, error) {
	text = strings.TrimSpace(text)
	u, err := url.Parse(text)
	if err != nil {
		return "", fmt.Errorf("%q is not an address", text)
	}
	scheme := strings.ToLower(u.Scheme)
	switch {
	case scheme == "http" || scheme == "https":
		return "", fmt.Errorf("%q is not the address of a relay: write ws%s", text, text[len("http"):])
	case scheme == "" && u.Path == text && strings.Contains(text, "."):
		return "", fmt.Errorf("%q is not the address of a relay: write wss://%s", text, text)
	case scheme != "ws" && scheme != "wss":
		return "", fmt.Errorf("%q is not the address of a relay: it must begin with wss:// or ws://", text)
	case u.User != nil:
		return "", errors.New("the address of a relay has no user and no password")
	case u.Hostname() == "" || strings.ContainsAny(u.Host, " \t"):
		return "", fmt.Errorf("%q names no host", text)
	case u.Fragment != "":
		return "", fmt.Errorf("%q has a # in it", text)
	}
	host := strings.ToLower(u.Hostname())
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port := u.Port(); port != "" && (scheme != "wss" || port != "443") && (scheme != "ws" || port != "80") {
		host = net.JoinHostPort(strings.Trim(host, "[]"), port)
	}
	u.Scheme, u.Host = scheme, host
	u.Path, u.RawPath = strings.TrimSuffix(u.Path, "/"), ""
	return u.String(), nil
}
