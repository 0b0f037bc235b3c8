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
//
// # Decisions
//
// An item is known by its key, and by its fingerprints. The key is the guid, else the canonical link, else a hash, and
// never the date; the claim on it is for ever. Guids that all change, or are made anew at each fetch, would be a flood:
// so the position keeps short hashes of the latest 300 items' page with title and of title with text. Only a fingerprint
// that no other item of the feed has counts. A title alone does not: a daily headline is news every day. Would change:
// feeds with stable guids everywhere.
//
// A feed is read in time. gofeed takes no context, so its reader fails when 1.5 s are over, and what does not stop then
// is bounded in size and number. Would change: a parser with a context.
//
// More than is likely goes into quarantine. Ten at once always pass, then three times the most there ever was, or what
// the feed's rate explains since it was last read; when nothing known is left, only the rate counts. Held items are not
// claimed, so a publisher who repairs the feed repairs the bot too. It is a position below the rule's hold, which rhea
// resume clears while the bot runs.
//
// All feeds of a process share one queue: a value made in cmd and handed in as Setup.Turn, no global; a trigger without
// one waits for nobody. It spreads the feeds of a host, so fixed intervals need no jitter, and auto varies by a tenth. A
// cron expression is exact because somebody wrote it. Would change: several processes behind one address.
//
// A redirect is believed after three sightings over a day, never from https to http, and forgotten when the new address
// fails. A web page in the place of a feed is an error that names its feed: following it silently would hide which feed
// is read. The feed keeps its configured address as its name. 410 may be a mistake too: such a feed is reported and
// asked once a week.
//
// A poller has what it needs by name, not the trigger itself, so configuration, fetching, identity and state know
// neither.
package feed
