-- People name events by their ids.
CREATE INDEX event_id ON event (id);

-- address is kind:pubkey:d of events of which relays keep the newest version only, NULL for others; dated is created_at.
ALTER TABLE event ADD COLUMN address TEXT;
ALTER TABLE event ADD COLUMN dated INTEGER;

UPDATE event SET
	address = json_extract(json, '$.kind') || ':' || json_extract(json, '$.pubkey') || ':' || coalesce(
		CASE WHEN json_extract(json, '$.kind') >= 30000 THEN (
			SELECT json_extract(value, '$[1]') FROM json_each(event.json, '$.tags')
			WHERE json_extract(value, '$[0]') = 'd' AND json_array_length(value) > 1 LIMIT 1
		) END, ''),
	dated = json_extract(json, '$.created_at')
WHERE json_extract(json, '$.kind') IN (0, 3) OR json_extract(json, '$.kind') BETWEEN 10000 AND 19999
	OR json_extract(json, '$.kind') BETWEEN 30000 AND 39999;

CREATE INDEX event_version ON event (address, dated DESC, id) WHERE address IS NOT NULL
