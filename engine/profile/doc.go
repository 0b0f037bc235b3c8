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
//
// A mark takes nothing away. An identity that answers people is marked as a bot although nobody has written its profile,
// so that bots see each other and people see what they talk to. Nobody has asked for that, so losing what a person wrote
// would be worse than no mark: one is made only when every relay that can be reached has said what it has, also those
// that the identity's own list names; what is there keeps every letter and gets one field; what cannot be read, or says
// something else of it, is left alone; what vanishes is not replaced for three days; and whatever another program wrote
// counts more than a mark, on whichever relay and with whatever date it turns up. Would change: relays that prove that
// they have nothing.
package profile
