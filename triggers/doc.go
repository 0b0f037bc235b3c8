// Package triggers is the catalogue of triggers: what a rule can wait for.
//
// Each kind lives in a file of its own with its configuration, the data it offers to expressions and its Run.
// The kinds that listen on relays (nostr, mention, hashtag, reply) share one listener: they differ in the filters
// they ask with and in which of the delivered events they pass on. The schedule counts planned times in a zone's
// own wall clock; the feed polls politely and tells old items from new by their identity, never by their date.
//
// A trigger keeps nothing on disk. What it must remember across restarts is the claim on each signal's key and the
// position of its stream, and both are stored by the engine.
package triggers
