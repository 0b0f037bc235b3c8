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

// Troubled returns the triggers that have failed more than once and have not run well for some minutes since.
func (b *Bot) Troubled() []Trouble {
	var all []Trouble
	for _, r := range b.rules {
		for _, t := range r.triggers {
			if found := t.trouble.now(); found.Failures > 1 {
				found.Rule, found.Trigger = r.Name, t.name
				all = append(all, found)
			}
		}
	}
	return all
}

// trouble is what is known of a trigger that fails.
type trouble struct {
	mu    sync.Mutex
	found Trouble
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
	again = t.found.Failures > 0 && !t.isOver()
	if !again {
		t.found = Trouble{Since: time.Now()}
	}
	t.found.Failures, t.found.Err, t.begun = t.found.Failures+1, err, time.Time{}
	return again
}

// isOver reports whether the trigger has run for longer than it would have waited.
func (t *trouble) isOver() bool { return !t.begun.IsZero() && time.Since(t.begun) > lastRestart }

func (t *trouble) now() Trouble {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.isOver() {
		return Trouble{}
	}
	return t.found
}
