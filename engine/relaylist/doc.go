// Package relaylist finds out where people publish and read.
//
// It may use the contract, look-ups, and package web for what is a private address.
//
// Everybody may publish a list of relays (kind 10002, NIP-65): some to write to, some to read from. What the bot writes
// belongs on the write relays of its identity, and what it says to somebody on the relays that this person reads. The
// lists are strangers' text: only a few relays of each are used, and none that lies in a private network unless the
// operator has named it. Lists are asked for when they are needed, at most for a moment, and remembered for hours.
//
// # Decisions
//
// Lists are looked up before the commit, for three seconds at most. All deliveries of an event are in one commit, so who
// is to get it must be known by then; what comes later is there for the next event. Few relays are taken per person, and
// never more than twenty. Would change: deliveries that are added after the commit.
package relaylist
