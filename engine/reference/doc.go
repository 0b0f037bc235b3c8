// Package reference reads and writes the bech32 names of people and events (NIP-19, NIP-21).
package reference
