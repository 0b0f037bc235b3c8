package bot

import (
	"sync"
	"time"
)

// lookupOpen is how many questions of one look-up may be open at a relay: relays bear few subscriptions.
const lookupOpen = 2

// lookupRelay is a relay that is asked, and how it has answered.
type lookupRelay struct {
	// address is the relay; none leaves it to the source whom to ask.
	address []string

	mu   sync.Mutex
	open int
	// took is how long the last answer took; lookupDeadline when there was none.
	took time.Duration
}

// enter counts a question unless too many are open.
func (a *lookupRelay) enter() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open >= lookupOpen {
		return false
	}
	a.open++
	return true
}

// busy reports whether too many questions are open at a relay that is waited for.
func (a *lookupRelay) busy(patience time.Duration) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.open >= lookupOpen && a.took < patience
}

// leave notes that a question is over.
func (a *lookupRelay) leave(took time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open--
	a.took = took
}

// late notes that an answer is taking longer than is waited for.
func (a *lookupRelay) late(patience time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.took = max(a.took, patience)
}

// takes reports whether the last answer took so long.
func (a *lookupRelay) takes(d time.Duration) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.took >= d
}
