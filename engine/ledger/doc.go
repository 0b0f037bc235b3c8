// Package ledger is what all ledgers of Rhea share: the drain loop, the classes of the history and the limits on text
// that strangers may have written. A backend adds a store.
//
// A ledger keeps four things: claims (what was dealt with), positions (how far was read), deliveries (what is still
// owed) and decisions (why). The first three change together in one commit: before it a signal is processed again after
// a crash, after it the deliveries are carried out. Then the [Drainer] asks its [Queue] which deliveries are due to
// which relay, hands out each of them and stores the result. A relay that is slow or unreachable delays only its own
// deliveries.
package ledger
