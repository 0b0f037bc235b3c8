// Package pipeline carries the signals of a rule to one commit.
//
// [Pipeline.Emit] begins an attempt, asks the gates of the rule's table in order, runs the actions, has their drafts
// signed, asks the budgets and stores claim, positions, counters, events and deliveries in one [engine.Entry]. Only the
// pipeline writes to an attempt: gates and actions return values. It holds the keys that gates name until the commit;
// nothing is held over a restart.
//
//	Signal ─▶ door ─ name ─ turn ─ gates ─▶ actions ─ Finisher ─▶ Reserve ─▶ Commit
//
// It may use the contract, gates, the queue, sign and identities. What is committed belongs to delivery, which listens.
//
// # Decisions
//
// What waits for its group's turn, or for one of the rule's places, waits in Emit: it keeps its place on the relay or
// the feed and is read again after a restart. Would change: turns that take days; those belong in the queue.
//
// A failing action is tried three times and then claimed as action_error. Retrying for ever would repeat the side
// effects of the actions before it; not claiming would repeat them after every restart. A rule answers as a whole or not
// at all: unless the action says on_error: continue, what those before it drafted is dropped with it. Would change:
// actions that can be undone.
//
// A cycle is a place in an order, not a list of what was used. Each round orders the elements by a hash of what they
// say; the state is the number of the round and the place in it, so elements may come and go. It is stored with the
// claim: a run that is not stored, fails or is dry has drawn nothing. Runs of a rule that draw take turns. Would change:
// cycles over lists too long to order.
//
// What a derived identity says about itself (kind 0) is in the commit of the event that follows, and the state keeps its
// hash. Nobody else edits it, so relays are not asked. Would change: people who edit such profiles.
//
// Lines of the log that strangers can cause at will are told once and then counted, one line a minute. What was there
// before a rule first ran is the one too_old that the log tells, because it is why a new rule is silent; what is older
// than max_age is in the history only. Boring lines of the history cannot push out others.
package pipeline
