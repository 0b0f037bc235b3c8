// Package examples holds bots that work: each folder has a bot.yaml to copy and a page that says what to change.
//
// Its tests and embed may use everything, as programs of others may.
//
// There is no code here but the tests, which check every file and run every bot against a relay in the process, and
// the folder embed, a program with kinds of its own.
package examples
