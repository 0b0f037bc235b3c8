// Package relay speaks NIP-01 with relays and hides everything unreliable about them.
//
// It may use the contract and [rhea/engine/relay/wire].
//
// A [Network] implements engine.Source and engine.Publisher. For every relay it keeps one session, which connects,
// detects a dead peer and reconnects with backoff for as long as it is used. All identities have a lease on it. An
// identity that the relay asks to authenticate gets a session of its own. One connection is a link: it reads frames,
// passes them to the subscriptions, and matches answers to requests.
//
// A query has a subscriber on every relay. The planner of a session puts the subscribers into groups, each of which is
// one REQ: it merges filters as far as the limits of the relay allow, subscribes again after every loss and refusal,
// and probes now and then whether the relay still serves the subscription. A subscriber in a subscription is a member.
// Each subscriber has a position of its own and matches each event again, so that a shared REQ loses nothing. The
// position is wall-clock time: everything that the relay had to send until then has been handled. It is never taken
// from created_at, which strangers write.
//
//	session ─ link ─ peek ─▶ group ─ index ─▶ members ─ checked event ─▶ query ─ once, in order per author ─▶ deliver
//
// A frame is first peeked at in place ([rhea/engine/relay/wire]): one that no member wants, or that all have handled,
// is dropped before anything is copied, hashed or verified.
//
// Relays cut answers by limits that they do not announce: per filter or in all, and with lower defaults than maxima. An
// answer proves how far back a filter was read only by the events that no other filter of the REQ can have brought.
// Older events are read in pages: REQs of one filter with a limit. A query without room for its backlog reads it in
// pages of its own, as it has room, while new events still reach it.
//
// Nothing that a relay sends is trusted: frames are capped in size and depth, ids are recomputed, filters are matched
// again, every queue has a bound, and "handled" is keyed by the recomputed id only.
//
// # Decisions
//
// An answer proves only what one filter alone has brought. Relays cut an answer per filter or per request, and by
// default earlier than on request, so an event that meets several filters says nothing about how far back any of them
// was read. What is older is read in requests of one filter, with a limit, page after page. An answer of fewer than 20
// events is taken as whole, so that quiet bots do not ask once more at each reconnect; a second that holds more than a
// page is whole when an older event came with it. Would change: relays that say when an answer is finished (NIP-67).
//
// A query without room keeps its subscription and reads what had no room itself, 256 events at a time; a quarter of its
// room is for what is new, and its position waits for the last of them. Beginning the subscription anew would read a
// long backlog again and again. Two slow queries that share a filter each read their own rest.
//
// Queries share subscriptions, and nothing else. Relays bear about ten subscriptions on a connection, with few filters
// each, so the planner merges the filters of all queries into as few REQs as the limits allow, learnt from NIP-11 and
// from refusals. A plan may ask for too much but never for too little: each query keeps its own position and matches
// again for itself. New REQs stand before the old ones go. What is refused is divided until it is known which query the
// relay means. Filters that name nobody and nothing, private messages and searches have REQs of their own. While many
// queries begin the planner waits for them, because each plan without room ends the groups of the one before. Would
// change: relays that bear a subscription for each query.
//
// Identities share a connection until the relay asks who they are. A bot may have hundreds of identities, and relays
// bear few connections from one address. The identity that is refused with auth-required gets a connection of its own;
// its queries go on there from their positions. Who is alone on the shared one keeps it, so one identity never needs
// two; whether it is alone is decided under the lock under which it would leave, because the last ones may leave at the
// same moment. It is not remembered who needed a connection: after a quiet while the relay is asked again. Would change:
// a connection that can stand for several identities.
//
// What a relay refuses is a state of the subscription until it stands: status, healthcheck and the log read it there.
// Dividing a refused request makes no noise, because what is refused is gathered before it is told.
//
// A reconnect knows when the outage began, not how often it failed. In the first ten minutes the wait is at most 27 s,
// later 5 min, with full jitter. A session of two seconds that brought EOSE or an OK ends an outage, any of a minute
// too. A relay that is down is tried at most 95 times in the first hour and some 24 times in each later one, one that
// answers and goes at once at most 270 times an hour. Would change: relays that complain.
//
// When the machine's own network was down, one relay that is back speaks for all. What failed only while nobody was
// heard of is tried again at once; what failed beside a relay that was there, or fails again now, waits for its own
// turn. A relay that comes and goes wakes each once, so no other bound is needed.
//
// A frame is peeked at before it is parsed, and an index on tags, authors and kinds tells who wants the event, however
// many rules there are. The peek only decides what is dropped. The content is not walked through: what relays write
// behind it shows where it ends, so a long article costs as little as a note. Would change: relays that write the fields
// in another order; then the strict parser reads, and it is slower.
//
// While a crowd of events is in flight, a live event that no condition wants takes no place ([engine.Query].Unwanted). Live
// events cannot be asked for again on a relay that stores nothing, so a burst of unwanted ones must not fill the room. It
// is asked on the reading goroutine, which slows a relay down that sends faster than it can be judged. With room, every
// event is delivered, because the history should tell why it fired nothing. Would change: conditions that take long.
//
// What waits for events holds no goroutine: a query starts a worker for each event that waits, up to its number, and one
// keeper stores the positions of all queries. Eight goroutines were most of a rule's memory. Would change: rules that all
// have something to do.
//
// A silent subscription is put to the test. A relay can forget one and say nothing. Every few minutes without an event
// the same filters are asked for what is newest; an event that should have come and did not is the proof, and the
// subscription is made again from the last time it was known to be served. Would change: relays that tell when they drop
// a subscription.
//
// What a relay says about itself (NIP-11) is a hint, used where nothing better is known: when subscriptions become many,
// and when it refuses an event and leaves the reason open. No proof of work is done on a hint alone: many relays want
// work from strangers only. Doors that may be closed (auth_required, payment_required, restricted_writes) are tried: the
// answer is the proof. Whatever the relay says is bounded by what we would do for any. Would change: relays that keep
// what they say.
package relay
