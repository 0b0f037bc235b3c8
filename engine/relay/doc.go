// Package relay speaks NIP-01 with relays and hides everything unreliable about them.
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
package relay
