package actions

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/reference"
)

// address returns kind:pubkey:d of a replaceable or addressable event, "" for any other or when it is too long for
// relays to index.
func address(e *nostr.Event) string {
	a := engine.Address(e)
	if len(a) > maxTagValue {
		return ""
	}
	return a
}

// isAddress reports whether a stranger's text is kind:pubkey:d, short enough for relays to index.
func isAddress(s string) bool {
	parts := strings.SplitN(s, ":", 3)
	if len(parts) != 3 || len(s) > maxTagValue {
		return false
	}
	kind, err := strconv.ParseUint(parts[0], 10, 16)
	return err == nil && kindText(int(kind)) == parts[0] && nostr.IsValid32ByteHex(parts[1])
}

// bech32 names an event in a text: naddr if it has an address, else nevent.
func bech32(e *nostr.Event, relay string) (string, error) {
	var relays []string
	if relay != "" {
		relays = []string{relay}
	}
	if address(e) == "" {
		return reference.Nevent(e.ID, e.PubKey, e.Kind, relays...)
	}
	d := ""
	if tag := firstTag(e.Tags, "d"); tag != nil && nostr.IsAddressableKind(e.Kind) {
		d = tag[1]
	}
	return reference.Naddr(e.Kind, e.PubKey, d, relays...)
}

// citation is the q tag of an event (NIP-18).
func citation(e *nostr.Event, relay string) nostr.Tag {
	if a := address(e); a != "" {
		return trimTag(nostr.Tag{"q", a, relay})
	}
	return nostr.Tag{"q", e.ID, relay, e.PubKey}
}

// person is the p tag of an event's author.
func person(pubkey, relay string) nostr.Tag { return trimTag(nostr.Tag{"p", pubkey, relay}) }

// isOwn reports whether the key belongs to this configuration: its bots do not notify themselves.
func isOwn(run engine.Run, pubkey string) bool {
	return pubkey == run.Pubkey || slices.Contains(run.Own, pubkey)
}

// hint returns the relay address as it may be published if it is one that others can use, else "".
func hint(relay string) string {
	if len(relay) > maxTagValue {
		return ""
	}
	u, err := url.Parse(relay)
	if err != nil || (u.Scheme != "wss" && u.Scheme != "ws") || u.Hostname() == "" || u.User != nil ||
		strings.ContainsAny(relay, " \t\r\n\"<>") {
		return ""
	}
	return engine.PublicRelay(relay)
}

// firstHint returns the first usable address.
func firstHint(relays []string) string {
	for _, r := range relays {
		if h := hint(r); h != "" {
			return h
		}
	}
	return ""
}

// isPublicHint reports whether a stranger's hint may be dialled: encrypted, and not obviously inside our network.
func isPublicHint(relay string) bool {
	u, err := url.Parse(hint(relay))
	if err != nil || u.Scheme != "wss" {
		return false
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	dot := strings.LastIndexByte(host, '.')
	if _, err := netip.ParseAddr(host); err == nil || dot < 0 {
		return false
	}
	// No top-level domain begins with a digit, but ways to write an IPv4 address such as 127.1 end so.
	if last := host[dot+1:]; last == "" || '0' <= last[0] && last[0] <= '9' {
		return false
	}
	return !slices.ContainsFunc([]string{".localhost", ".local", ".internal", ".lan", ".home.arpa", ".onion"},
		func(suffix string) bool { return strings.HasSuffix(host, suffix) })
}

func kindText(kind int) string { return strconv.Itoa(kind) }
