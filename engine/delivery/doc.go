// Package delivery brings relays what they are owed.
//
// A [Sender] drains the ledger: it hands each due delivery to its relay, reads the answer as the table in [meaningOf] says,
// and decides what becomes of the delivery. It knows of every relay whether it answers ([breaker]), how fast it takes events
// ([pace]) and from whom ([suspension]), and of every event what became of it at all its relays ([tracker]). An event that
// waited for long, or that a relay wants with another date or more work, is signed anew while no relay can have it.
//
//	Ledger.Drain ─▶ relayState ─ may it go now? ─▶ Publisher ─ answer ─▶ Settlement ─▶ Ledger
//
// It may use the contract, and package sign to make an event anew. It knows nothing of rules.
package delivery
