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
// A relay is sent more before it has answered, once it has shown that it takes it. Deliveries to one relay leave in the
// order of their commits; one is without an answer at first, twice as many after every fifty prompt answers, sixteen at
// most (the ledger counts, because it knows what waits). Whatever is not accepted begins anew: nothing follows until all
// are answered, and what may be sent again goes first. So a later note can pass an earlier one only among those sixteen,
// and nothing passes what it names, deletes or replaces. A relay with a pace, one that gave no answer, and an identity
// that was refused get one event at a time, and what a relay says to all that was under way counts once. One at a time
// would be twelve notes a second at 80 ms. Would change: relays that say how many they take.
//
// Work or a date that a relay wants is made at the next try, when nothing else is under way to it: sixteen refusals would
// otherwise mine sixteen events at once, in any order. Would change: relays that refuse one event of many.
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
