// Package sign makes signed events of drafts: it cleans texts, takes keys out of them, dates versions of an address one
// after the other, does the proof of work and has the event signed. An event that relays do not take as it is can be dated
// or mined anew, as long as no relay has it.
//
// It may use the contract alone.
//
// # Decisions
//
// Drafts are finished in one place, whatever action made them: invalid UTF-8 and control characters are removed
// (encoders disagree on them, so ids would), keys are replaced, the size is bounded. Would change: an action that must
// publish bytes as they are.
package sign
