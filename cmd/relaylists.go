package cmd

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/relay"
	"rhea/engine/relaylist"
)

// relayLists finds out where people publish and read. People's lists are asked for at the usual relays, and at those of
// the set "indexers" if there is one.
func relayLists(file *config.File, ids map[string]engine.Identity, source engine.Source) *relaylist.Lists {
	o := relaylist.Options{
		Source: source, Normalize: relay.Normalize, Own: make(map[string][]string, len(ids)),
		Ask: slices.Concat(file.RelaySets["default"], file.RelaySets["indexers"]),
	}
	for _, set := range file.RelaySets {
		o.Known = append(o.Known, set...)
	}
	for _, rule := range file.Rules {
		o.Known = append(o.Known, rule.Relays...)
		if rule.Outbox {
			o.Ask = append(o.Ask, rule.Relays...)
		}
	}
	for _, id := range file.Identities {
		if known, ok := ids[id.Name]; ok {
			o.Own[known.Signer.PublicKey()] = id.Outbox
		}
		o.Known = slices.Concat(o.Known, id.Inbox, id.Outbox)
	}
	slices.Sort(o.Ask)
	o.Ask = slices.Compact(o.Ask)
	if !proxied() {
		o.Resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	return relaylist.New(o)
}

// proxied reports whether relays are reached through a proxy. Names need not resolve here then.
func proxied() bool {
	proxy, err := http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: "https", Host: "relay.example"}})
	return err != nil || proxy != nil
}
