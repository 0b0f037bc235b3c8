package relay

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Normalize returns the canonical form of the address of a relay: lower-case scheme and host, no default port, no
// trailing slash. http and https become ws and wss.
func Normalize(address string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return "", fmt.Errorf("relay %q: %w", address, errors.Unwrap(err))
	}
	scheme := strings.ToLower(u.Scheme)
	switch scheme {
	case "http":
		scheme = "ws"
	case "https":
		scheme = "wss"
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	switch {
	case scheme != "ws" && scheme != "wss", u.Opaque != "":
		return "", fmt.Errorf("relay %q: write an address such as wss://relay.example.com", address)
	case !isHost(host):
		return "", fmt.Errorf("relay %q has no host that could be reached", address)
	case u.User != nil:
		return "", fmt.Errorf("relay %q: an address must not hold a user or password", u.Redacted())
	case u.Fragment != "":
		return "", fmt.Errorf("relay %q: an address must not hold a fragment (#)", address)
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port := u.Port(); port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return "", fmt.Errorf("relay %q: the port must be between 1 and 65535", address)
		}
		if (scheme == "ws" && n != 80) || (scheme == "wss" && n != 443) {
			host += ":" + strconv.FormatUint(n, 10)
		}
	}
	normal := scheme + "://" + host + strings.TrimRight(u.EscapedPath(), "/")
	if u.RawQuery != "" {
		normal += "?" + u.RawQuery
	}
	return normal, nil
}

// isHost accepts names and addresses, without zones.
func isHost(host string) bool {
	if strings.Contains(host, ":") {
		addr, err := netip.ParseAddr(host)
		return err == nil && addr.Zone() == ""
	}
	return host != "" && !strings.ContainsFunc(host, func(r rune) bool {
		return r <= ' ' || r == utf8.RuneError || strings.ContainsRune("\"#%/<>?@[\\]^`{|}", r)
	})
}
