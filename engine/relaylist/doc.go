// Package relaylist finds out where people publish and read.
//
// Everybody may publish a list of relays (kind 10002, NIP-65): some to write to, some to read from. What the bot writes
// belongs on the write relays of its identity, and what it says to somebody on the relays that this person reads. The
// lists are strangers' text: only a few relays of each are used, and none that lies in a private network unless the
// operator has named it. Lists are asked for when they are needed, at most for a moment, and remembered for hours.
package relaylist
