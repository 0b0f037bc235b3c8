// Package screen writes for people: tables that fit a terminal, words for times and numbers, colours, and the border that
// everything passes on its way out.
//
// It may use the contract. It knows no rule, no verb and no state: who calls it hands in values.
//
// # Decisions
//
// One border for output. All verbs write through [Border]: keys are taken out, the tokens of relays are hidden, control
// and bidi characters are written as \u001b. Our own colours begin with a mark that nobody can guess. Tables hide tokens
// before they measure.
//
// Width is what a terminal shows, by Unicode's tables: an emoji and a Chinese character take two columns. Terminals differ in
// new emoji only. Words are never broken, so that ids, addresses and npubs can be copied: a line may be too long instead.
//
// The cure is told whole: a column that may hold what the operator has to do ([Column].Whole) is not cut; what does not fit
// follows below its row.
package screen
