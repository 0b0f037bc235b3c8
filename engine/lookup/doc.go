// Package lookup finds the newest event under a key on relays: the profile of an author, the list of an identity, the
// event that a reply answers.
//
// A [Newest] asks all its relays at once, for many keys in one question, and remembers what it found and what is not
// there. It waits for the first relay that answers and a moment longer, never for one that is down, and a relay that was
// slow sets the pace once. What strangers can make it ask for and remember is bounded.
//
// It may use the contract alone.
package lookup
