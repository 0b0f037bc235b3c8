// Package examples holds bots that work: recipes to start from, and the folder embed, a program with kinds of its own.
//
// Its tests and embed may use everything, as programs of others may.
//
// There is no code here but the tests, which check every file and run bots against a relay in the process.
package examples
