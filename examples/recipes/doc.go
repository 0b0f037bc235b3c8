// Package recipes holds the bots that people start from: each folder is one, a bot.yaml that explains itself. The program
// carries them for `rhea init --from`, and docs/cookbook.md is written from them.
//
// It imports nothing of ours.
//
// # Decisions
//
// A recipe is one file to copy, so what must be known about it stands at its head, as comments: a sentence, and below
// "What to change:" a list of keys. A page beside it would stay behind when the file is copied.
//
// The tests of a recipe stand in it too, so that who changes it sees what still holds. The tests of this package ask for
// one that fires and one that stays silent, and that check finds nothing odd.
package recipes
