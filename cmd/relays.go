package cmd

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/relay"
	"rhea/engine/relaylist"
	"rhea/engine/web"
)

// askFor bounds every single question that a verb asks a relay.
const askFor = 15 * time.Second

// relayLists finds out where people publish and read. People's lists are asked for at the usual relays, and at those of
// the set "indexers" if there is one. Resolve looks up the names of relays, see [relaylist.Options].
func relayLists(file *config.File, ids map[string]engine.Identity, source engine.Source, resolve resolver) *relaylist.Lists {
	o := relaylist.Options{
		Source: source, Normalize: relay.Normalize, Resolve: resolve, Own: make(map[string][]string, len(ids)),
		Ask: slices.Concat(file.RelaySets["default"], file.RelaySets["indexers"]),
	}
	o.Known = slices.Collect(maps.Keys(namedRelays(file)))
	for _, rule := range file.Rules {
		if rule.Outbox {
			o.Ask = append(o.Ask, rule.Relays...)
		}
	}
	for _, id := range file.Identities {
		if known, ok := ids[id.Name]; ok {
			o.Own[known.Signer.PublicKey()] = id.Outbox
		}
	}
	slices.Sort(o.Ask)
	o.Ask = slices.Compact(o.Ask)
	return relaylist.New(o)
}

type resolver = func(ctx context.Context, host string) ([]netip.Addr, error)

// resolve asks the network's name servers. It is nil where relays are reached through a proxy: names need not resolve
// here then.
func resolve() resolver {
	proxy, err := http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: "https", Host: "relay.example"}})
	if err != nil || proxy != nil {
		return nil
	}
	return func(ctx context.Context, host string) ([]netip.Addr, error) {
		return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	}
}

// namedRelays are the relays that the operator has written into the configuration.
func namedRelays(file *config.File) map[string]bool {
	named := make(map[string]bool)
	name := func(relays []string) {
		for _, relay := range relays {
			named[relay] = true
		}
	}
	for _, set := range file.RelaySets {
		name(set)
	}
	for _, rule := range file.Rules {
		name(rule.Relays)
		for _, t := range rule.Triggers {
			name(t.Relays)
		}
		for _, step := range rule.Steps {
			name(step.Relays)
		}
	}
	for _, id := range file.Identities {
		name(slices.Concat(id.Inbox, id.Outbox, id.DMRelays))
	}
	return named
}

// guardRelays refuses private addresses to relays that only strangers have named, whatever their names resolve to.
func guardRelays(named map[string]bool) func(relay string, to netip.Addr) error {
	return func(relay string, to netip.Addr) error {
		if named[relay] || web.IsPublic(to) {
			return nil
		}
		return fmt.Errorf("%w: it is at %s, in a private network, and the configuration does not name it", web.ErrRefused, to)
	}
}

// sandbox sends everything to one relay in this process, also what names another one, such as a hint in an event.
type sandbox struct {
	network *relay.Network
	url     string
}

var (
	_ engine.Source    = sandbox{}
	_ engine.Publisher = sandbox{}
)

// replaceRelays makes the rules themselves name the sandbox, so that what is published, logged and written into tags
// does not claim to come from anywhere else.
func (s sandbox) replaceRelays(rules []engine.Rule) {
	only := func(relays *[]string) {
		if len(*relays) > 0 {
			*relays = []string{s.url}
		}
	}
	for i := range rules {
		r := &rules[i]
		r.Relays = []string{s.url}
		for j := range r.Triggers {
			only(&r.Triggers[j].Relays)
		}
		for j := range r.Steps {
			only(&r.Steps[j].Relays)
		}
	}
}

// Subscribe implements [engine.Source].
func (s sandbox) Subscribe(
	ctx context.Context, q engine.Query, deliver func(context.Context, engine.Received) error,
) (wait func(), err error) {
	q.Relays = []string{s.url}
	return s.network.Subscribe(ctx, q, deliver)
}

// Fetch implements [engine.Source].
func (s sandbox) Fetch(ctx context.Context, _ []string, filter nostr.Filter) ([]nostr.Event, error) {
	return s.network.Fetch(ctx, []string{s.url}, filter)
}

// Publish implements [engine.Publisher].
func (s sandbox) Publish(ctx context.Context, _ string, event nostr.Event) error {
	return s.network.Publish(ctx, s.url, event)
}

// authAs returns the identity to log in with at relays that ask for it (NIP-42): that of the first rule.
func authAs(file *config.File, ids map[string]engine.Identity) (string, func(string) engine.Signer) {
	for _, r := range file.Rules {
		if id, ok := ids[r.Identity]; ok {
			return id.Signer.PublicKey(), func(string) engine.Signer { return id.Signer }
		}
	}
	return "", nil
}
