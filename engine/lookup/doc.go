// Package lookup finds the newest event under a key on relays: the profile of an author, the list of an identity, the
// event that a reply answers.
//
// A [Newest] asks all its relays at once, for many keys in one question, and remembers what it found and what is not
// there. It waits for the first relay that answers and a moment longer, never for one that is down, and a relay that was
// slow sets the pace once. What strangers can make it ask for and remember is bounded.
//
// It may use the contract alone.
//
// # Decisions
//
// Whatever people say of themselves is looked up in one way: profiles, mute lists, lists of relays and what others
// answer. A lone question leaves at once; what is asked for meanwhile leaves together after the first answer, without a
// timer, so a crowd costs a handful of questions. The first relay that has something and 300 ms for the others set the
// pace. Would change: a relay that knows everybody.
//
// A slow relay is still asked, two questions at a time, and not waited for until it is quick. The next question waits
// while two are open at a quick one, or a relay that answers before all others and knows nothing would decide what is
// believed. What comes late is there for the next time, and an old value serves while the relays are asked again. A
// relay without a connection is not asked, unless it is just being connected for the first time.
package lookup
