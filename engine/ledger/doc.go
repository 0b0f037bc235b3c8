// Package ledger is what all ledgers of Rhea share: the drain loop, the classes of the history and the limits on text
// that strangers may have written. A backend adds a store.
//
// It may use the contract alone; each backend uses both.
//
// A ledger keeps four things: claims (what was dealt with), positions (how far was read), deliveries (what is still
// owed) and decisions (why). The first three change together in one commit: before it a signal is processed again after
// a crash, after it the deliveries are carried out. Then the [Drainer] asks its [Queue] which deliveries are due to
// which relay, hands out each of them and stores the result. A relay that is slow or unreachable delays only its own
// deliveries.
//
// # Decisions
//
// The queue is read only when it knows more than memory does. What was committed is handed out as it is, in the order of
// the commits, until there is too much of it, something rests or an operator has changed it: then the ledger is read.
// The queue stores what became of a try with the next commit, in 20 ms at the latest, so that under load it costs no
// transaction of its own; a crash in between sends the same bytes once more. Would change: events whose second sending
// does harm.
package ledger
