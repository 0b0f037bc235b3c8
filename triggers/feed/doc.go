// Package feed is the trigger for new items of feeds: RSS, Atom and JSON Feed.
//
// It may import the contract in engine, the client for strangers' addresses, plain text and the times of
// [rhea/triggers/cron]. Each feed has a poller, which asks politely, at the pace of the feed's own habits. Of what is
// read, it tells new items from old by what they are known by, never by their date, and holds back more of them than the
// feed's history makes likely. What is known of a feed is a position in the state.
//
//	poller ─ fetch ─▶ bytes ─ reading ─▶ document ─ identify ─▶ compare ─▶ quarantine ─▶ signals
//
// A document is written by strangers and parsed by a library without a deadline: it is decoded, repaired and measured
// before it is parsed, read in time, and trimmed before anything is built of it.
package feed
