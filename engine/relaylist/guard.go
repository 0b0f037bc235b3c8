package relaylist

import (
	"context"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"rhea/engine/web"
)

const (
	// maxAddress is the longest address that is used, in bytes.
	maxAddress = 200
	// maxResolved is how many names of one list are looked up.
	maxResolved = 10
)

// reserved are the ends of names that no public relay has (RFC 6761, RFC 6762, RFC 7686, RFC 8375 and habit).
func reserved() []string {
	return []string{"localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "arpa", "onion", "i2p"}
}

// usable normalises an address of a stranger's list and reports whether the bot may connect to it.
func (l *Lists) usable(address string) (string, bool) {
	if len(address) > maxAddress {
		return "", false
	}
	normal, err := l.opts.Normalize(address)
	if err != nil {
		return "", false
	}
	if l.known[normal] {
		return normal, true
	}
	u, err := url.Parse(normal)
	if err != nil {
		return "", false
	}
	return normal, isPublicHost(u.Hostname())
}

// isPublicHost reports whether a host is a public address, or a name that may have one.
func isPublicHost(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return web.IsPublic(addr)
	}
	labels := strings.Split(strings.ToLower(host), ".")
	last := labels[len(labels)-1]
	// Some resolvers take 127.1 and 0x7f000001 for addresses.
	numeric := strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x")
	return len(labels) > 1 && !numeric && !slices.Contains(reserved(), last)
}

// resolved leaves out the relays whose names lead into a private network.
func (l *Lists) resolved(ctx context.Context, relays []string) []string {
	if l.opts.Resolve == nil {
		return relays
	}
	var public []string
	for _, relay := range relays[:min(len(relays), maxResolved)] {
		u, err := url.Parse(relay)
		if err != nil {
			continue
		}
		if _, err := netip.ParseAddr(u.Hostname()); err != nil && !l.known[relay] {
			addrs, err := l.opts.Resolve(ctx, u.Hostname())
			if err != nil || len(addrs) == 0 || slices.ContainsFunc(addrs, func(a netip.Addr) bool { return !web.IsPublic(a) }) {
				continue
			}
		}
		public = append(public, relay)
	}
	return public
}
