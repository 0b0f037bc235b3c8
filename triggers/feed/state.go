package feed

import (
	"encoding/json"
	"time"

	"rhea/engine"
)

// state is what is remembered of a feed between two looks, as JSON in the stream's position. Times are unix
// seconds.
type state struct {
	// URL is the configured address of which the items are known, Asked the one that was asked last: they differ
	// while the first look at a new address is to come.
	URL   string `json:"url"`
	Asked string `json:"asked,omitempty"`
	// Moved is where the server says that the feed is for good now, since when and how often in a row it said so.
	Moved     string `json:"moved,omitempty"`
	MovedAt   int64  `json:"moved_at,omitempty"`
	Sightings int    `json:"sightings,omitempty"`
	version
	// Known says that the first run is through.
	Known bool `json:"known,omitempty"`
	// Revisions says that the contents of all items are remembered, so that a change can be told.
	Revisions bool `json:"revisions,omitempty"`
	// Next is when the next look is due.
	Next int64 `json:"next,omitempty"`
	// Woken is the operator's last word that the rests of the rule shall end.
	Woken string `json:"woken,omitempty"`
	// NotBefore is until when the server wants to be left alone; Gone says that it answered 410.
	NotBefore int64 `json:"not_before,omitempty"`
	Gone      bool  `json:"gone,omitempty"`
	// Failed is why the feed could not be read at the last look, "" if it could.
	Failed string `json:"failed,omitempty"`
	pollHints
	// Fingerprints are what the latest items are known by, see [fingerprint].
	Fingerprints string `json:"marks,omitempty"`
	history
}

// version is which version of the feed was dealt with last.
type version struct {
	// ETag and Modified are sent back as they came.
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"modified,omitempty"`
	// Hash is of the body.
	Hash string `json:"hash,omitempty"`
}

// settledSightings is how often, and settledFor for how long, a permanent redirect must be seen to be believed.
const (
	settledSightings = 3
	settledFor       = 24 * time.Hour
)

func (s *state) hasMoved(now time.Time) bool {
	return s.Sightings >= settledSightings && now.Sub(time.Unix(s.MovedAt, 0)) >= settledFor
}

// see notes where permanent redirects led from the configured address, "" if there were none.
func (s *state) see(moved string, now time.Time) {
	switch {
	case moved == "":
		s.Moved, s.MovedAt, s.Sightings = "", 0, 0
	case moved != s.Moved:
		s.Moved, s.MovedAt, s.Sightings = moved, now.Unix(), 1
	default:
		s.Sightings = min(s.Sightings+1, settledSightings)
	}
}

func (s state) position(stream string) engine.Position {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // Texts, numbers and booleans only.
	}
	return engine.Position{Stream: stream, Value: string(text)}
}
