package lookup

import (
	"sync"
	"time"
)

// maxOpen is how many questions of one look-up may be open at a relay: relays bear few subscriptions.
const maxOpen = 2

// relay is a relay that is asked, and how it has answered.
type relay struct {
	// address is the relay; none leaves it to the source whom to ask.
	address []string

	mu   sync.Mutex
	open int
	// took is how long the last answer took; answerDeadline when there was none.
	took time.Duration
}

// enter counts a question unless too many are open.
func (a *relay) enter() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open >= maxOpen {
		return false
	}
	a.open++
	return true
}

// busy reports whether too many questions are open at a relay that is waited for.
func (a *relay) busy(patience time.Duration) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.open >= maxOpen && a.took < patience
}

// leave notes that a question is over.
func (a *relay) leave(took time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open--
	a.took = took
}

// late notes that an answer is taking longer than is waited for.
func (a *relay) late(patience time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.took = max(a.took, patience)
}

// takes reports whether the last answer took so long.
func (a *relay) takes(d time.Duration) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.took >= d
}
