package relay

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"rhea/engine"
)

const (
	// saveEvery is how often positions are stored; when one is lost, a little is read again.
	saveEvery = 5 * time.Second
	// lastSave bounds the last save, which delays the shutdown.
	lastSave = 500 * time.Millisecond
)

// cursor is how far a subscriber has read, in Unix seconds of our own clock. Positions keep it as JSON.
type cursor struct {
	// Since is the time up to which everything that the relay had to send was handled.
	Since int64 `json:"since"`
	// Floor is when the query first ran. Older events are backlog.
	Floor int64 `json:"floor"`
	// Primed is true when the relay has once sent all that it had stored.
	Primed bool `json:"primed,omitempty"`
}

// loadCursor reads the cursor of a subscriber; ok is false when there is none.
func loadCursor(ctx context.Context, positions Positions, stream string, now time.Time) (c cursor, ok bool, err error) {
	value, err := positions.Position(ctx, stream)
	if err != nil {
		return cursor{}, false, fmt.Errorf("position of %s: %w", stream, err)
	}
	if value == "" {
		return cursor{}, false, nil
	}
	if err := json.Unmarshal([]byte(value), &c); err != nil {
		return cursor{}, false, fmt.Errorf("position of %s is %q, not what was stored there: %w", stream, clip(value), err)
	}
	// With a position in the future, set by a clock that was ahead, events until then would be skipped.
	c.Since, c.Floor = min(c.Since, now.Unix()), min(c.Floor, now.Unix())
	return c, true, nil
}

// save stores the cursor unless it is stored already.
func (sub *subscriber) save(ctx context.Context, positions Positions) error {
	sub.saving.Lock()
	defer sub.saving.Unlock()
	c := sub.safeCursor()
	if c == sub.savedCursor {
		return nil
	}
	value, err := json.Marshal(c)
	if err == nil {
		err = positions.Advance(ctx, engine.Position{Stream: sub.stream, Value: string(value)})
	}
	if err != nil {
		return fmt.Errorf("position of %s: %w", sub.stream, err)
	}
	sub.savedCursor = c
	return nil
}

// safeCursor returns the cursor that may be stored now: that of the last sign of life while the subscription stands,
// but not past an event in flight.
func (sub *subscriber) safeCursor() cursor {
	sub.query.mu.Lock()
	defer sub.query.mu.Unlock()
	sub.advance()
	c := sub.cursor
	for _, e := range sub.query.inflight {
		if hold, ok := e.floors[sub]; ok {
			c.Since = min(c.Since, hold)
			// Wrapped backlog must still count as backlog when it is read again.
			c.Primed = c.Primed && (sub.savedCursor.Primed || !e.hasBacklogOf(sub))
		}
	}
	return c
}

// advance moves the cursor to the last sign of life of its link, also back when it was set by a clock that was ahead.
// The lock of the query is held.
func (sub *subscriber) advance() {
	if sub.link == nil {
		return
	}
	if alive := sub.link.alive.Load() / int64(time.Second); alive > sub.cursor.Since || sub.cursor.Since > time.Now().Unix() {
		sub.cursor.Since = alive
	}
}

// keeper stores the positions of all subscribers.
type keeper struct {
	positions Positions
	log       *slog.Logger

	mu          sync.Mutex
	subscribers map[*subscriber]bool
	failed      bool
}

// run stores the positions at intervals until ctx ends.
func (k *keeper) run(ctx context.Context) {
	for engine.Wait(ctx, saveEvery) {
		k.mu.Lock()
		all := slices.Collect(maps.Keys(k.subscribers))
		k.mu.Unlock()
		var failed error
		for _, sub := range all {
			if err := sub.save(sub.query.parent, k.positions); err != nil && sub.query.parent.Err() == nil {
				failed = err
			}
		}
		if failed != nil && !k.failed {
			k.log.Warn("positions not stored; the next try follows", "error", failed)
		}
		k.failed = failed != nil
	}
}

func (k *keeper) add(subscribers []*subscriber) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, sub := range subscribers {
		k.subscribers[sub] = true
	}
}

// remove stores the positions of subscribers that have ended for the last time.
func (k *keeper) remove(subscribers []*subscriber) {
	k.mu.Lock()
	for _, sub := range subscribers {
		delete(k.subscribers, sub)
	}
	k.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), lastSave)
	defer cancel()
	for _, sub := range subscribers {
		if err := sub.save(ctx, k.positions); err != nil {
			k.log.Warn("position not stored; some events will be read again", "error", err)
		}
	}
}
