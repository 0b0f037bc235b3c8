package bot

import (
	"context"
	"time"
)

// Retried notes that an operator wants deliveries to a relay tried now: what was held back from it is forgotten, and
// it rests no longer. It returns when the ledger knows, or ctx ends.
func (e *Bot) Retried(ctx context.Context, relay string) {
	e.outbox.lane(relay).forgive()
	select {
	case e.outbox.wake <- relay:
	case <-ctx.Done():
	case <-time.After(time.Second): // Nobody drains yet, or any more.
	}
}

// forgive forgets why nothing may be sent now. What the relay says next counts again.
func (l *lane) forgive() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, h := range l.holds {
		h.until = time.Time{}
	}
	l.pace = pace{}
}
