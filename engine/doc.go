// Package engine is the contract of Rhea: what its rooms say to each other. It does nothing by itself.
//
// A [Trigger] notices something — an event on a relay, a feed item, a minute of the clock — and emits a [Signal] into its
// [Intake]. The signal travels as plain function calls through the gates of its [Rule], from its age to the limits, then
// through the rule's actions, which return drafts. Every [Draft] is finished and signed, and then one atomic
// [Claims.Commit] claims the signal and stores the signed events with the relays they are owed to. From there only delivery
// owns them: it hands each due [Delivery] to a [Publisher] until a relay has answered.
//
//	Trigger ─ Signal ─▶ gates ─▶ actions ─ Draft ─▶ Signer ─▶ Ledger.Commit ─▶ delivery ─▶ Publisher
//
// A crash before the commit repeats the work with nothing published; after it nothing is lost, and because the
// bytes change only while no relay can have them, sending them twice is harmless.
//
// The package imports no other room. What runs rules is [rhea/engine/bot]; relays, ledgers, keys, triggers and actions are
// handed to it. Programs that add kinds of their own need this package, [rhea/engine/bot] and [rhea/engine/enginetest];
// the other packages may change.
package engine
