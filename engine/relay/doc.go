// Package relay speaks NIP-01 with relays and hides everything unreliable about them.
//
// A [Network] implements engine.Source and engine.Publisher. For every pair of relay and identity it keeps one
// session, which connects, notices a dead peer and reconnects with backoff for as long as somebody needs it. What
// happens on one connection is a link: it reads frames, verifies and routes them, and matches answers to questions.
//
// A query has one leg per relay. The leg asks for everything since the position it has reached, asks again after
// every loss and refusal, and offers what arrives to the query, which hands each event to its consumer once. The
// position of a leg is wall-clock time: everything that the relay had to say until then has been handled. It is
// never taken from what strangers write into created_at.
//
//	session ─ link ─ frame ─▶ leg ─ checked event ─▶ query ─ once, in order per author ─▶ deliver
//
// Nothing that a relay sends is trusted: frames are capped in size and depth, ids are recomputed, filters are
// matched again, every queue has a bound, and "handled" is keyed by the recomputed id only.
package relay
