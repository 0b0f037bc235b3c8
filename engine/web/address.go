package web

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// ErrRefused is the error for an address that the client does not reach for safety's sake. Trying again is no use.
var ErrRefused = errors.New("refused")

// special lists the IPv4 networks that are not the public internet (IANA special-purpose address registry, RFC 6890).
var special = []struct {
	network netip.Prefix
	name    string
}{
	{netip.MustParsePrefix("0.0.0.0/8"), "local"},
	{netip.MustParsePrefix("10.0.0.0/8"), "private"},
	{netip.MustParsePrefix("100.64.0.0/10"), "carrier-private"},
	{netip.MustParsePrefix("127.0.0.0/8"), "loopback"},
	{netip.MustParsePrefix("169.254.0.0/16"), "link-local"},
	{netip.MustParsePrefix("172.16.0.0/12"), "private"},
	{netip.MustParsePrefix("192.0.0.0/24"), "reserved"},
	{netip.MustParsePrefix("192.0.2.0/24"), "documentation"},
	{netip.MustParsePrefix("192.88.99.0/24"), "reserved"},
	{netip.MustParsePrefix("192.168.0.0/16"), "private"},
	{netip.MustParsePrefix("198.18.0.0/15"), "benchmarking"},
	{netip.MustParsePrefix("198.51.100.0/24"), "documentation"},
	{netip.MustParsePrefix("203.0.113.0/24"), "documentation"},
	{netip.MustParsePrefix("224.0.0.0/4"), "multicast"},
	{netip.MustParsePrefix("240.0.0.0/4"), "reserved"},
	{netip.MustParsePrefix("::1/128"), "loopback"},
	{netip.MustParsePrefix("fc00::/7"), "private"},
	{netip.MustParsePrefix("fe80::/10"), "link-local"},
	{netip.MustParsePrefix("ff00::/8"), "multicast"},
	{netip.MustParsePrefix("2001::/23"), "reserved"},
	{netip.MustParsePrefix("2001:db8::/32"), "documentation"},
	{netip.MustParsePrefix("2002::/16"), "6to4"},
	{netip.MustParsePrefix("3fff::/20"), "documentation"},
}

var (
	// nat64 carries an IPv4 address in its last four bytes (RFC 6052).
	nat64 = netip.MustParsePrefix("64:ff9b::/96")
	// global is all of IPv6 that is handed out for the public internet.
	global = netip.MustParsePrefix("2000::/3")
)

// why names the kind of address that is refused; "" for a public one.
func why(addr netip.Addr) string {
	addr = addr.WithZone("").Unmap()
	if nat64.Contains(addr) {
		bytes := addr.As16()
		addr = netip.AddrFrom4([4]byte(bytes[12:]))
	}
	for _, s := range special {
		if s.network.Contains(addr) {
			return s.name
		}
	}
	if addr.Is6() && !global.Contains(addr) {
		return "reserved"
	}
	return ""
}

// IsPublic reports whether an address belongs to the public internet.
func IsPublic(addr netip.Addr) bool { return addr.IsValid() && why(addr) == "" }

// ownNames are what hosts of one's own network end in (RFC 6761, 6762, 8375; internal is ICANN's).
var ownNames = []string{".localhost", ".local", ".internal", ".lan", ".home.arpa", ".intranet"}

// Private says what kind of place a host is that is not on the public internet, as far as its name tells; "" for a public
// one.
func Private(host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if addr, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return why(addr)
	}
	switch {
	case host == "":
		return ""
	case host == "localhost" || strings.HasSuffix(host, ".localhost"):
		return "loopback"
	case !strings.Contains(host, ".") || slices.ContainsFunc(ownNames, func(end string) bool { return strings.HasSuffix(host, end) }):
		return "private"
	}
	return ""
}

func refuse(host string, addr netip.Addr, kind string) error {
	if host == addr.String() {
		return fmt.Errorf("%w: %s is a %s address; set allow_private: true to allow it", ErrRefused, host, kind)
	}
	return fmt.Errorf("%w: %s resolves to the %s address %s; set allow_private: true to allow it",
		ErrRefused, host, kind, addr)
}
