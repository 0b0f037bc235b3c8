// Package ledger is what every ledger of Rhea shares: the drain loop, the classes of the history and the rules for
// text that strangers may have written. A backend adds a store to it.
//
// A ledger remembers four things: claims (what was dealt with), positions (how far was read), deliveries (what is
// still owed) and decisions (why). The first three change together in one commit, which is the line between "will
// be repeated" and "will be carried out". Behind that line the [Drainer] takes over: it asks its [Queue] what is
// due to which relay, hands each delivery out and stores what became of it. A relay that is slow or gone holds up
// nobody but itself.
package ledger
