// Package schedule is the trigger for planned times: those of a cron expression, multiples of a time span, or fixed ones.
//
// It may import the contract in engine and the times of [rhea/triggers/cron]. What is configured becomes a plan, an
// endless or ending list of instants. Run waits for the next one, believes the clock when it is put back, and makes up
// for what was missed while the bot was away. A planned time is the key of its signal, and the position is the last one
// that was dealt with, stored together with the claim on it: so a crash neither loses nor doubles one.
//
//	config ─ plan ─▶ Run ─ due ─▶ signal
//	           └───▶ forecast: what comes next, and whether a time is planned
package schedule
