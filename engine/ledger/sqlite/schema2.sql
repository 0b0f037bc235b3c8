-- Signals that wait for a limit of their rule. Each holds its claim.
CREATE TABLE waiting (
	number INTEGER PRIMARY KEY,
	rule   TEXT NOT NULL,
	key    TEXT NOT NULL,
	signal TEXT NOT NULL, -- JSON
	UNIQUE (rule, key)
) STRICT;

CREATE INDEX waiting_in_order ON waiting (rule, number);

-- until is NULL for positions that are kept for ever.
ALTER TABLE position ADD COLUMN until INTEGER
