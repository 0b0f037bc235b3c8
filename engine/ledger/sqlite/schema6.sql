-- What was decided on, as JSON: author, name and words; '' for nothing to tell.
ALTER TABLE decision ADD COLUMN about TEXT NOT NULL DEFAULT '';

DROP VIEW history;
CREATE VIEW history AS
SELECT
	strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') AS at,
	rule, trigger, outcome, reason, key, relay, gates, published,
	iif(about = '', NULL, json_extract(about, '$.author')) AS author,
	iif(about = '', NULL, json_extract(about, '$.words')) AS words
FROM decision
ORDER BY decision.at DESC, seq DESC
