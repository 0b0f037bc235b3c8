package delivery

import (
	"time"

	"rhea/engine"
)

// How long the events of an identity are held back from a relay.
const (
	firstBlock, lastBlock = time.Hour, 6 * time.Hour
	lastLimit             = 10 * time.Minute
	// doubtfulBlocks is how often in a row a relay that has taken events of an identity must block it to be believed.
	doubtfulBlocks = 3
)

// suspension is what a relay said to one identity.
type suspension struct {
	// until is when the next event may be tried; the one that is tried then stands for all.
	until  time.Time
	reason string
	// after is the last turn before it began.
	after int
	// welcome says that the relay has taken an event of the identity before.
	welcome bool
	// bars and limits count the answers in a row.
	blocks, limits int
	told           bool
}

// block notes that the relay did not take an event because of who wrote it, and reports whether others must wait. A
// relay that has taken events of the identity may have meant this one only, so it is asked a few times more.
func (h *suspension) block(now time.Time, reason string) bool {
	h.blocks++
	if h.welcome && h.blocks < doubtfulBlocks {
		return false
	}
	strikes := h.blocks
	if h.welcome {
		strikes -= doubtfulBlocks - 1
	}
	h.until, h.reason = now.Add(engine.Doubled(firstBlock, strikes-1, lastBlock)), "held back: "+reason
	return true
}

// limit notes that the relay wants fewer events of the identity.
func (h *suspension) limit(now time.Time, after time.Duration, reason string) {
	h.limits++
	h.until, h.reason = now.Add(engine.Doubled(after, h.limits-1, max(after, lastLimit))), "held back: "+reason
}

// accept notes that the relay took an event, and reports whether that ends a suspension that was told of.
func (h *suspension) accept() (news bool) {
	news = h.told
	*h = suspension{welcome: true}
	return news
}
