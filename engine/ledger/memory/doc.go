// Package memory is a ledger that keeps nothing when the process ends: for tests, demonstrations and dry runs. It keeps
// every other promise of a ledger, so that what works on it works on the durable ones.
//
// It may use the contract and package ledger.
package memory
