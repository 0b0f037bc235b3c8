-- What `rhea status` says, kept up by the program so that nothing has to be counted. about is
--   rule: the outcomes of a rule in an hour since 1970, and when the last one was;
--   accepted: when a relay last accepted an event of a rule;
--   relay: the settled deliveries to a relay in a state, with the last answer of that kind, its time and reason.
CREATE TABLE tally (
	about  TEXT NOT NULL,
	name   TEXT NOT NULL,
	what   TEXT NOT NULL,
	hour   INTEGER NOT NULL,
	count  INTEGER NOT NULL,
	last   INTEGER NOT NULL,
	reason TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (about, name, what, hour)
) WITHOUT ROWID;

INSERT INTO tally (about, name, what, hour, count, last)
	SELECT 'rule', rule, outcome, at / 3600000, count(*), max(at) FROM decision GROUP BY rule, outcome, at / 3600000;
INSERT INTO tally (about, name, what, hour, count, last)
	SELECT 'accepted', e.rule, '', 0, count(*), max(coalesce(d.changed, 0))
	FROM event AS e JOIN delivery AS d ON d.event = e.seq WHERE d.state = 'accepted' GROUP BY e.rule;
INSERT INTO tally (about, name, what, hour, count, last, reason)
	SELECT 'relay', relay, state, 0, sum(due IS NULL), max(iif(attempts > 0, coalesce(changed, 0), 0)), reason
	FROM delivery WHERE state <> 'pending' GROUP BY relay, state;

-- What people look for: events of a rule; what goes to a relay, or was not accepted. Twelve characters of an id are
-- enough, and keep the indexes small.
DROP INDEX event_id;
CREATE INDEX event_id ON event (substr(id, 1, 12));
CREATE INDEX event_rule ON event (rule);
CREATE INDEX delivery_relay ON delivery (relay, event);
CREATE INDEX delivery_failed ON delivery (event DESC, relay) WHERE state IN ('rejected', 'given_up');

-- Decisions are found by walking along an index that holds what they are looked for by. It is in the order of time, so a
-- commit writes it at its end; indexes on the ids would cost every commit two pages.
DROP INDEX decision_class;
CREATE INDEX decision_class ON decision (class, at, outcome, rule, substr(key, 1, 12), substr(published, 3, 12));
CREATE INDEX decision_published_several ON decision (published) WHERE instr(published, ',') > 0
