// Package pipeline carries the signals of a rule to one commit.
//
// [Pipeline.Emit] begins an attempt, asks the gates of the rule's table in order, runs the actions, has their drafts
// signed, asks the budgets and stores claim, positions, counters, events and deliveries in one [engine.Entry]. Only the
// pipeline writes to an attempt: gates and actions return values. It holds the keys that gates name until the commit, so
// that two at once cannot both take the last place; nothing is held over a restart.
//
//	Signal ─▶ door ─ name ─ turn ─ gates ─▶ actions ─ Finisher ─▶ Reserve ─▶ Commit
//
// It may use the contract, gates, the queue, sign and identities. What is committed belongs to delivery, which listens.
package pipeline
