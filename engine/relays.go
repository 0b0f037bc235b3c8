package engine

// Relays is a list of relay addresses in a kind's configuration: addresses, or the name of a set that the
// configuration defines, already resolved and normalised.
type Relays []string
