// Package reference reads and writes the names by which people pass around people and events: npub, nprofile, note,
// nevent and naddr (NIP-19), alone or as nostr: URIs (NIP-21), and finds them in running text (NIP-27).
//
// It may use nothing of ours.
//
// Names come from strangers. Reading one is bounded, never panics, and never repeats its input in an error, because
// what is not a name may be a secret key.
package reference
