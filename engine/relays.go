package engine

import "strings"

// Relays is a list of relay addresses in a kind's configuration: addresses, or the name of a set that the
// configuration defines, already resolved and normalised.
type Relays []string

// PublicRelay returns the address of a relay as it may be published, in hints, names and lists: without its query, where
// services take tokens.
func PublicRelay(address string) string {
	public, _, _ := strings.Cut(address, "?")
	return public
}
