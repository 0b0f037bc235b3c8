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
//
// # Decisions
//
// A relay is asked one thing at a time. Deliveries to one relay go out in the order of their commits, each after the
// answer to the one before; relays run side by side. That is some thousands a second on a machine's own relay and ten on
// a distant one, which is more than public relays take. Sending ahead would let a later note overtake one that was
// refused for the moment. Would change: a relay that answers slowly and takes thousands.
//
// A relay that is away costs nothing. Nothing was sent, so nothing is counted or written: the relay rests in the ledger,
// with growing pauses, and the rest ends as soon as there is a connection. Only silence about two different events counts
// as being away, so one event that makes a relay fall silent holds up no other.
//
// A relay sets its own pace. There is no limit until it says rate-limited; then it gets half as much, and a little more
// every minute without a complaint. A limit that suits public relays would slow down a relay of one's own for nothing.
// Would change: relays that tell their limits.
//
// "blocked" is about the author until shown otherwise. Events of that identity are suspended for hours and then tried
// one by one. A relay that has taken events of the identity before is believed only the third time: some relays say so
// whatever they dislike about one event. Would change: relays that use the prefix as NIP-01 means it.
package delivery
