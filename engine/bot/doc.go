// Package bot runs rules: it carries the signals of their triggers through gates and actions to one commit, and delivers
// what was committed.
//
// It may use the contract and the rooms that carry a signal: gate, queue, pipeline, sign, delivery, identity, lookup.
// Ledger, relays, kinds and rules are handed to it.
//
// [New] checks that the parts of [Options] fit together, and [Bot.Run] runs them until its context ends. [Bot.Sample],
// [Bot.Preview] and [Bot.Carry] show a rule something without running it: tests, explanations and rehearsals use them.
package bot
