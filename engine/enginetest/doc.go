// Package enginetest lets anyone prove that a new trigger, action or ledger fits: each kind of part has a suite that
// states what the engine relies on, and runs it against the real thing.
//
// It may use the contract alone.
package enginetest
