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
package screen
