// Package engine is the contract and the corridor of Rhea.
//
// A [Trigger] notices something — an event on a relay, a feed item, a minute of the clock — and emits a [Signal].
// The signal travels as plain function calls through the gates of its [Rule], from its age to the limits, then
// through the rule's actions, which return drafts. Every draft is finished and signed, and then one atomic
// [Ledger.Commit] claims the signal and stores the signed events with the relays they are owed to.
// From there only the outbox owns them: it hands each due [Delivery] to a [Publisher] until a relay has answered.
//
//	Trigger ─ Signal ─▶ gates ─▶ actions ─ Draft ─▶ Signer ─▶ Ledger.Commit ─▶ outbox ─▶ Publisher
//
// A crash before the commit repeats the work with nothing published; after it nothing is lost, and because the
// bytes change only while no relay can have them, sending them twice is harmless. The package imports no other room:
// relays, ledgers, keys, triggers and actions are handed in.
package engine
