// Package actions is the catalogue of what a rule can answer with, one file a kind.
//
// An action looks at one [engine.Run] and returns drafts; it never signs, publishes or remembers. Three questions
// keep coming back and have one answer each:
//
//   - what a person wrote (content, hashtags, images, …) is a post, the same in publish, reply and quote;
//   - which event is meant is a target: the signal's event, one this run has made, or one looked up on relays;
//   - how an event is pointed to (id, address, relay hint, author) is decided in point.go.
//
// Strangers' events are copied from only after a check of every value, because a relay refuses the whole event for
// one malformed tag.
//
// It may use the contract, and the helpers for text, references, threads and strangers' addresses. It knows no trigger
// and no relay.
package actions
