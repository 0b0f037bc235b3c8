// Package queue keeps the order of what waits for a limit of a rule, and lets go what the limits allow.
//
// The signals are in the ledger, under their claims; a [Queue] knows only what each of them waits for. What waits for a
// limit holds up those behind it that wait for the same, and nobody else. Its places are bounded: in all, for newcomers,
// and for one author.
//
// It may use the contract and what gates say of a wait. It does not know how a signal is carried on: its [Owner] does.
//
// # Decisions
//
// What waits for a limit is on disk, because it may take days and the trigger reads on: the signal is stored with its
// claim as what its trigger makes it of again ([rhea/engine.StoredSignal]). It has passed the gates, so its age and
// condition are not asked again; the hold, the author's word and the limits are. Would change: a trigger whose signals
// cannot be made again.
//
// A commit that ends the waiting is fresh as long as the signal waits, so it is carried out once, whoever ends it: the
// queue, the operator with outbox drop --waiting, or upkeep, which takes out what has waited for 30 days.
//
// What waits for one author's limit holds up nobody else, and what comes later does not overtake. One author takes at
// most a tenth of the places, newcomers together at most four fifths, so nobody can shut the others out. Would change: a
// way to tell people apart that costs strangers something.
//
// The queue asks its [Owner], not functions: the five methods belong together, and the pipeline has them all. Would change:
// an owner that has only some.
//
// What each signal waits for, and until when, is in memory; a look reads from the ledger only what is due and what has
// come, and everything once an hour and after a fault. So a long queue costs as much as what is due in it, and an empty
// one needs no goroutine. Would change: several machines with one ledger.
package queue
