// Package schedule is the trigger for planned times: those of a cron expression, multiples of a time span, or fixed ones.
//
// It may import the contract in engine and the times of [rhea/triggers/cron]. What is configured becomes a plan, an
// endless or ending list of instants. Run waits for the next one, believes the clock when it is put back, and makes up
// for what was missed while the bot was away. A planned time is the key of its signal, and the position is the last one
// that was dealt with, stored together with the claim on it: so a crash neither loses nor doubles one.
//
//	config ─ plan ─▶ Run ─ due ─▶ signal
//	           └───▶ forecast: what comes next, and whether a time is planned
//
// # Decisions
//
// A schedule believes the clock. When the clock was put back, it goes on from what the clock shows: waiting would lose
// the times between, and claims keep what fired from firing again. A clock that shows a time before this program was
// written was not set yet (a machine without a battery) and is waited for. Would change: a clock that says how sure it
// is.
package schedule
