// Package bot runs rules: it carries the signals of their triggers through gates and actions to one commit, and delivers
// what was committed.
//
// [New] checks that the parts of [Options] fit together, and [Bot.Run] runs them until its context ends. [Bot.Sample],
// [Bot.Preview] and [Bot.Carry] show a rule something without running it: tests, explanations and rehearsals use them.
package bot
