// Package profile publishes who the identities are: their profile (kind 0, NIP-24: that they are bots) and the relays
// where they read and write (kinds 10002 and 10050, NIP-65 and NIP-17).
//
// It may use the contract alone.
//
// It is a rule like those of the configuration, so that what it publishes passes the same corridor, ledger and
// outbox. Its trigger asks the relays what the identity says now and emits a signal only when that differs from what
// it should say. What is there and not known here is kept: people edit profiles with other programs too.
//
// # Decisions
//
// A relay that is missing is not overwritten. What an identity says about itself is written from the newest version that
// is known. After some tries without an answer from a relay, only those that answered get it; when the missing one
// returns, what it has wins if it is newer than what ours was made of, whatever the date of ours. Would change: a
// program that is the only one to edit the profile.
package profile
