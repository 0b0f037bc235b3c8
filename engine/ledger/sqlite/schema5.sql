-- What limits count: how often entries were committed under a counter at a time. hash stands for the counter's name, so
-- that a commit writes a few bytes for each of its counters. Kept for 90 days.
CREATE TABLE counter (
	hash INTEGER NOT NULL,
	at   INTEGER NOT NULL,
	n    INTEGER NOT NULL,
	PRIMARY KEY (hash, at)
) WITHOUT ROWID;

INSERT INTO counter (hash, at, n) SELECT counter_hash(name), at, count(*) FROM mark GROUP BY counter_hash(name), at;
DROP TABLE mark
