// Package identity is the book of identities: those of the configuration, and those that rules derive below them. It
// answers who somebody is and whether that is one of us, and makes sure that no key is told.
//
// It may use the contract, keys, and references for what a key is called.
package identity
