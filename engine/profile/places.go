package profile

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/nbd-wtf/go-nostr"
)

// writeRelays are the relays where a list (NIP-65) says that its author writes, in the form in which configured ones are.
func writeRelays(tags nostr.Tags) (found []string) {
	for _, tag := range tags {
		if len(tag) < 2 || tag[0] != "r" || len(tag) > 2 && tag[2] == "read" {
			continue
		}
		if address, ok := relayAddress(tag[1]); ok {
			found = append(found, address)
		}
	}
	return found
}

var hostForm = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]+)?$`)

// relayAddress reads the address of a relay; what could not be reached anyway is none.
func relayAddress(text string) (address string, ok bool) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Scheme != "ws" && u.Scheme != "wss" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", false
	}
	u.Host = strings.TrimSuffix(strings.ToLower(u.Host), map[string]string{"ws": ":80", "wss": ":443"}[u.Scheme])
	return strings.TrimRight(u.String(), "/"), hostForm.MatchString(u.Host)
}
