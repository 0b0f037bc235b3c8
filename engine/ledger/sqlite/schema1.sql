-- Times are milliseconds since 1970 (UTC), spans are milliseconds; the views show them as text.

-- What was dealt with. until is NULL for claims that are kept for ever.
CREATE TABLE claim (
	rule  TEXT NOT NULL,
	key   TEXT NOT NULL,
	until INTEGER,
	PRIMARY KEY (rule, key)
) WITHOUT ROWID;

-- How far each stream was read.
CREATE TABLE position (
	stream TEXT PRIMARY KEY,
	value  TEXT NOT NULL
) WITHOUT ROWID;

-- Signed events in the order of their commits. One that is fixed is named by another and keeps its id.
CREATE TABLE event (
	seq       INTEGER PRIMARY KEY,
	id        TEXT NOT NULL,
	rule      TEXT NOT NULL,
	committed INTEGER NOT NULL,
	json      TEXT NOT NULL,
	fixed     INTEGER NOT NULL
);

-- What each event became on its way to each relay. due is 0 before the first try, the time of the next one while
-- retrying or held back, and NULL when it is settled.
CREATE TABLE delivery (
	event         INTEGER NOT NULL REFERENCES event (seq) ON DELETE CASCADE,
	relay         TEXT NOT NULL,
	state         TEXT NOT NULL DEFAULT 'pending',
	attempts      INTEGER NOT NULL DEFAULT 0,
	due           INTEGER DEFAULT 0,
	reason        TEXT NOT NULL DEFAULT '',
	changed       INTEGER,
	quorum        INTEGER NOT NULL,
	retry_initial INTEGER NOT NULL,
	retry_max     INTEGER NOT NULL,
	retry_elapsed INTEGER NOT NULL,
	PRIMARY KEY (event, relay)
) WITHOUT ROWID;
CREATE INDEX delivery_owed ON delivery (relay, due, event) WHERE due IS NOT NULL;

-- What limits count. Kept for 90 days.
CREATE TABLE mark (
	name TEXT NOT NULL,
	at   INTEGER NOT NULL,
	key  TEXT NOT NULL,
	PRIMARY KEY (name, at, key)
) WITHOUT ROWID;

-- Why. class is fired, failed or other; each has its own cap.
CREATE TABLE decision (
	seq       INTEGER PRIMARY KEY,
	at        INTEGER NOT NULL,
	class     TEXT NOT NULL,
	outcome   TEXT NOT NULL,
	rule      TEXT NOT NULL,
	trigger   TEXT NOT NULL,
	key       TEXT NOT NULL,
	reason    TEXT NOT NULL,
	relay     TEXT NOT NULL,
	gates     TEXT NOT NULL,
	published TEXT NOT NULL
);
CREATE INDEX decision_class ON decision (class, at);

CREATE VIEW outbox AS
SELECT
	e.id AS event, d.relay, d.state, d.attempts, d.reason, e.rule,
	(SELECT count(*) FROM delivery AS x WHERE x.event = e.seq AND x.state = 'accepted') || '/' || d.quorum AS quorum,
	strftime('%Y-%m-%dT%H:%M:%fZ', e.committed / 1000.0, 'unixepoch') AS committed,
	CASE WHEN d.due > 0 THEN strftime('%Y-%m-%dT%H:%M:%fZ', d.due / 1000.0, 'unixepoch') END AS next,
	strftime('%Y-%m-%dT%H:%M:%fZ', d.changed / 1000.0, 'unixepoch') AS changed,
	json_extract(e.json, '$.kind') AS kind, json_extract(e.json, '$.content') AS content
FROM delivery AS d JOIN event AS e ON e.seq = d.event
ORDER BY e.seq DESC, d.relay;

-- Whether enough relays have each event: yes, no when they cannot any more, open until then.
CREATE VIEW delivered AS
SELECT
	id AS event, rule, CASE WHEN accepted >= quorum THEN 'yes' WHEN accepted + open < quorum THEN 'no' ELSE 'open' END
		AS delivered,
	accepted, open, relays, quorum, strftime('%Y-%m-%dT%H:%M:%fZ', committed / 1000.0, 'unixepoch') AS committed
FROM (
	SELECT
		e.seq, e.id, e.rule, e.committed, max(d.quorum) AS quorum, count(*) AS relays, count(d.due) AS open,
		sum(d.state = 'accepted') AS accepted
	FROM event AS e JOIN delivery AS d ON d.event = e.seq GROUP BY e.seq
)
ORDER BY seq DESC;

CREATE VIEW history AS
SELECT
	strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') AS at,
	rule, trigger, outcome, reason, key, relay, gates, published
FROM decision
ORDER BY decision.at DESC, seq DESC;
