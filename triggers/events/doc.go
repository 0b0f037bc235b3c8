// Package events holds the triggers for events on relays: nostr, mention, hashtag and reply.
//
// It may import the contract in engine, look-ups, and the helpers for text, names of people and events, and threads. The
// kinds share one listener and differ in the filters they ask with and in which of the delivered events they pass on. What an
// expression sees of an event is computed when it is named; what costs a question to the relays, the author's profile or
// what was answered, is fetched only when the rule needs it, and waited for a few seconds at most.
//
//	kind ─ filters ─▶ listener ─ event ─▶ choose ─ parents ─▶ signal ─ profiles ─▶ condition
//
// Everything here is written by strangers: filters are matched, lines cut and sizes bounded before anything is kept.
package events
