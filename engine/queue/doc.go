// Package queue keeps the order of what waits for a limit of a rule, and lets go what the limits allow.
//
// The signals are in the ledger, under their claims; a [Queue] knows only what each of them waits for. What waits for a
// limit holds up those behind it that wait for the same, and nobody else. Its places are bounded: in all, for newcomers,
// and for one author.
//
// It may use the contract and what gates say of a wait. It does not know how a signal is carried on: its [Owner] does.
package queue
