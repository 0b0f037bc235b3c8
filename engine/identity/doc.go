// Package identity is the book of identities: those of the configuration, and those that rules derive below them. It
// answers who somebody is and whether that is one of us, and makes sure that no key is told.
//
// It may use the contract, keys, and references for what a key is called.
//
// # Decisions
//
// A derived identity is found by its key. A rule's identity may be a path below another one, evaluated for each signal
// behind the signature's gate: a forged event is not worth a key, unless an expression names the bot. The state holds,
// under its public key, where each derived identity that has ever published comes from, stored with the claim. So after
// a restart it is known as ours by the self gate, signs for a relay (NIP-42), dates its events anew and takes back what
// it said, and nothing is derived ahead. Limits and floods count for each. Would change: more derived identities than a
// state can hold.
package identity
