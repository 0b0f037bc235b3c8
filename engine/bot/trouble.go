package bot

import (
	"sync"
	"time"
)

// Trouble tells of a trigger that keeps failing.
type Trouble struct {
	Rule, Trigger string
	// Since is when it failed first, Failures how often it has since then, and Err why it failed last.
	Since    time.Time
	Failures int
	Err      error
}

// Backoff of a trigger that fails.
const (
	firstRestart = time.Second
	lastRestart  = 5 * time.Minute
)

// trouble is what is known of a trigger that fails.
type trouble struct {
	mu    sync.Mutex
	found *Trouble // nil before the first failure
	// begun is when it was started again, zero while it waits for that.
	begun time.Time
}

func (t *trouble) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.begun = time.Now()
}

// failed notes a failure and reports whether it follows another one closely.
func (t *trouble) failed(err error) (again bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	again = t.found != nil && !t.isOver()
	if !again {
		t.found = &Trouble{Since: time.Now()}
	}
	t.found.Failures, t.found.Err, t.begun = t.found.Failures+1, err, time.Time{}
	return again
}

// isOver reports whether the trigger has run for longer than it would have waited.
func (t *trouble) isOver() bool { return !t.begun.IsZero() && time.Since(t.begun) > lastRestart }

func (t *trouble) now() Trouble {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.found == nil || t.isOver() {
		return Trouble{}
	}
	return *t.found
}
