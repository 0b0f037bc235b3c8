package relay

import "strings"

// The prefixes of reasons in OK and CLOSED (NIP-01, NIP-42, and what relays use beside them).
const (
	reasonDuplicate    = "duplicate"
	reasonAuthRequired = "auth-required"
	reasonRateLimited  = "rate-limited"
	reasonRestricted   = "restricted"
	reasonBlocked      = "blocked"
	reasonInvalid      = "invalid"
	reasonPow          = "pow"
	reasonReplaced     = "replaced"
	reasonDeleted      = "deleted"
	reasonMute         = "mute"
)

// prefix returns the machine-readable part of a reason, "" when it has none. strfry puts "ERROR: " before it, and
// the wish for authentication counts wherever it stands.
func prefix(reason string) string {
	if strings.Contains(reason, reasonAuthRequired) {
		return reasonAuthRequired
	}
	word, _, ok := strings.Cut(strings.TrimPrefix(reason, "ERROR: "), ":")
	if !ok {
		return ""
	}
	return word
}
