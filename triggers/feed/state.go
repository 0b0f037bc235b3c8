package feed

import (
	"context"
	"encoding/json"
	"math"
	"strconv"
	"time"

	"rhea/engine"
)

// state is what is remembered of a feed between two looks, as JSON in the stream's position. Times are unix
// seconds. Its parts are embedded because their keys stand beside the others.
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

// history is how much news a feed has had since it was first read. It tells a burst from a fault: a feed whose guids
// all change, or a site that is rebuilt, has more news at once than it ever had.
type history struct {
	// Since is when the feed was first read, Read when it was last read well; to the hour.
	Since int64 `json:"since,omitempty"`
	Read  int64 `json:"read,omitempty"`
	// Count is how many items were new since then, Most how many at once.
	Count int `json:"count,omitempty"`
	Most  int `json:"most,omitempty"`
	// Held is how many items are held back, Limit how many would have passed; Released how many may pass
	// because the operator said so, or because they were let pass and wait for their turn.
	Held     int `json:"held,omitempty"`
	Limit    int `json:"limit,omitempty"`
	Released int `json:"released,omitempty"`
}

// readState reads what is known of a feed. What cannot be read is as good as nothing.
func readState(ctx context.Context, in engine.Positions, stream string) (state, error) {
	text, err := in.Position(ctx, stream)
	var s state
	if err != nil || json.Unmarshal([]byte(text), &s) != nil {
		return state{}, err
	}
	return s, nil
}

func (s state) position(stream string) engine.Position {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // Texts, numbers and booleans only.
	}
	return engine.Position{Stream: stream, Value: string(text)}
}

// manyStream is where the state of a feed is kept that is one of several.
func manyStream(stream, url string) string {
	return stream + "/" + strconv.FormatUint(hash64(canonicalLink(url)), 36)
}

// holdStream is where it stands that the feed with its state in a stream is held back.
func holdStream(rule, stream string) string {
	return engine.HoldStream(rule) + "/" + stream
}

// moveSightings is how often, and moveAge for how long, a permanent redirect must be seen to be believed.
const (
	moveSightings = 3
	moveAge       = 24 * time.Hour
)

func (s *state) hasMoved(now time.Time) bool {
	return s.Sightings >= moveSightings && now.Sub(time.Unix(s.MovedAt, 0)) >= moveAge
}

// see notes where permanent redirects led from the configured address, "" if there were none.
func (s *state) see(moved string, now time.Time) {
	switch {
	case moved == "":
		s.Moved, s.MovedAt, s.Sightings = "", 0, 0
	case moved != s.Moved:
		s.Moved, s.MovedAt, s.Sightings = moved, now.Unix(), 1
	default:
		s.Sightings = min(s.Sightings+1, moveSightings)
	}
}

const (
	// alwaysLikely is how many new items at once are never suspicious, and onlyNew how many when nothing that was
	// there before is left.
	alwaysLikely = 10
	onlyNew      = 4
	// ample is how many times more than ever or usual is still taken for news.
	ample = 3
)

// likely returns how many new items at once the history of the feed makes likely. all says that no item of the feed
// was known.
func (h history) likely(m pollHints, all bool, now time.Time) int {
	const day = 24 * 60 * 60.0
	perDay := float64(h.Count) / max(float64(now.Unix()-h.Since)/day, 1)
	if m.Gap > 0 {
		perDay = max(perDay, day/float64(m.Gap))
	}
	silent := int(math.Ceil(ample * perDay * float64(now.Unix()-h.Read) / day))
	if all {
		return max(onlyNew, silent)
	}
	return max(alwaysLikely, ample*h.Most, silent)
}

// quarantines decides whether n new items are too many, and remembers it until the feed is as before or is released.
func (h *history) quarantines(threshold HoldAbove, m pollHints, n int, all bool, now time.Time) bool {
	limit := int(threshold)
	n -= h.Released
	switch {
	case threshold == holdNever:
		limit = n
	case threshold == holdAuto && h.Held > 0:
		limit = h.Limit // Time that passes makes a fault no news.
	case threshold == holdAuto:
		limit = h.likely(m, all, now)
	}
	if n <= limit {
		h.Held, h.Limit = 0, 0
		return false
	}
	h.Held, h.Limit = n, limit
	return true
}

// release lets what is held back pass.
func (h *history) release() {
	h.Released += h.Held
	h.Held, h.Limit = 0, 0
}

// took notes that n new items were dealt with.
func (h *history) took(n int, first bool, now time.Time) {
	if first || h.Since == 0 {
		h.Since = now.Unix()
	} else {
		h.Count += n
		h.Most = max(h.Most, n)
	}
	h.wasRead(now)
}

// wasRead notes that the feed could be read, to the hour, so that not every look must be stored.
func (h *history) wasRead(now time.Time) {
	if now.Unix()-h.Read >= int64(time.Hour/time.Second) {
		h.Read = now.Unix()
	}
}
