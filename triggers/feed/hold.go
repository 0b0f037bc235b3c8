package feed

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

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

// holds decides whether n new items are too many, and remembers it until the feed is as before or is released.
func (h *history) holds(threshold HoldAbove, m pollHints, n int, all bool, now time.Time) bool {
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

// HoldAbove is how many new items at once hold a feed: a number, auto or never.
type HoldAbove int

const (
	holdAuto  HoldAbove = 0
	holdNever HoldAbove = -1
)

// UnmarshalText reads "auto", "never" or a number.
func (h *HoldAbove) UnmarshalText(text []byte) error {
	switch string(text) {
	case "auto":
		*h = holdAuto
		return nil
	case "never":
		*h = holdNever
		return nil
	}
	var n int
	if _, err := fmt.Sscanf(string(text), "%d", &n); err != nil || n < 1 || strconv.Itoa(n) != string(text) {
		return fmt.Errorf("%q is not a number of items; write a number, auto or never", text)
	}
	*h = HoldAbove(n)
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (h HoldAbove) MarshalText() ([]byte, error) {
	switch h {
	case holdAuto:
		return []byte("auto"), nil
	case holdNever:
		return []byte("never"), nil
	}
	return fmt.Append(nil, int(h)), nil
}
