package engine

import "github.com/nbd-wtf/go-nostr"

// Adviser is the configuration of a kind that knows what is allowed and probably not meant. Its advice is shown as
// warnings, each at its key if [At] names one; several pieces are joined with [errors.Join].
type Adviser interface{ Advise() error }

// RuleAdviser is the configuration of a trigger that knows what is allowed and probably not meant in the rule that it
// stands in: what its signals lead to unguarded. Its advice is shown as that of an [Adviser] is.
type RuleAdviser interface{ AdviseRule(r *Rule) error }

// Listening is the configuration of a trigger that listens for events on relays: it says for which. Self is the public key
// of the identity. Two rules that hear the same are told from the rest by it.
type Listening interface {
	Listens(self string) nostr.Filters
}

// Advice is something that is allowed and probably not meant.
type Advice struct {
	// Code is a short name for this sort of advice, in kebab case.
	Code string
	// Message says what is odd, Hint what to do about it.
	Message, Hint string
}

func (a *Advice) Error() string { return a.Message }
