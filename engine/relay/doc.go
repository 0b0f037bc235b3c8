// Package relay speaks NIP-01 with relays and hides everything unreliable about them.
//
// A [Network] implements engine.Source and engine.Publisher. For every relay it keeps one session,
// which connects, notices a dead peer and reconnects with backoff for as long as somebody needs it. All identities have
// their seats on it; those that a relay refuses until it knows who they are get sessions of their own. What happens on
// one connection is a link: it reads frames, verifies and routes them, and matches answers to questions.
//
// A query has a leg on every relay. The planner of a session puts the legs into groups, each of which is one REQ: it
// merges filters as far as the relay's limits allow, asks again after every loss and refusal, and now and then makes
// sure that the relay has not forgotten the subscription. The legs stay apart in everything else: each has a position
// of its own and judges for itself what an event means to it, so that sharing loses nothing. The position is
// wall-clock time: everything that the relay had to say until then has been handled. It is never taken from what
// strangers write into created_at.
//
//	session ─ link ─ peek ─▶ group ─ index ─▶ legs ─ checked event ─▶ query ─ once, in order per author ─▶ deliver
//
// A frame is peeked at where it lies ([rhea/engine/relay/wire]): one that no leg wants, or that all have handled, is dropped before anything is
// copied, hashed or verified.
//
// An answer is cut by limits that the relay does not tell: of one filter, of all together, less by default than when it
// is asked. It proves how far back a filter was read by events that no other filter of the REQ can have brought, and by
// nothing else. What is older is read in pages, REQs of one filter with a limit. A query that has no room for its backlog
// reads it in pages of its own, as it has room, while what is new still reaches it.
//
// Nothing that a relay sends is trusted: frames are capped in size and depth, ids are recomputed, filters are
// matched again, every queue has a bound, and "handled" is keyed by the recomputed id only.
package relay
