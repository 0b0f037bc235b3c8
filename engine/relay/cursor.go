package relay

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"rhea/engine"
)

// filter is how far a leg has read, in Unix seconds of our own clock. It is what Positions keep as JSON.
type cursor struct {
	// Since is the time up to which everything the relay had to say was handled.
	Since int64 `json:"since"`
	// Floor is when the query first ran. What is older was not meant for it.
	Floor int64 `json:"floor"`
	// Primed says that the relay has once shown all it had stored.
	Primed bool `json:"primed,omitempty"`
}

// loadCursor reads a leg's place; ok is false when the leg never ran.
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
	// A clock that was ahead must not make us skip what happens until it is reached again.
	c.Since, c.Floor = min(c.Since, now.Unix()), min(c.Floor, now.Unix())
	return c, true, nil
}

// save stores the place unless it is stored already.
func (sub *subscriber) save(ctx context.Context, positions Positions) error {
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

// filter is what may be stored now: up to the last sign of life while the subscription stands, but never past an
// event that is still in hand.
func (sub *subscriber) safeCursor() cursor {
	sub.query.mu.Lock()
	defer sub.query.mu.Unlock()
	sub.advance()
	c := sub.cursor
	for _, e := range sub.query.inflight {
		if hold, ok := e.floors[sub]; ok {
			c.Since = min(c.Since, hold)
			// Wrapped backlog must still be known as such when it is read again.
			c.Primed = c.Primed && (sub.savedCursor.Primed || !e.hasBacklogOf(sub))
		}
	}
	return c
}

// progress moves the leg to the last sign of life of the link that it listens to, also back where a clock that was ahead
// had left it. The query's lock is held.
func (sub *subscriber) advance() {
	if sub.link == nil {
		return
	}
	if alive := sub.link.alive.Load() / int64(time.Second); alive > sub.cursor.Since || sub.cursor.Since > time.Now().Unix() {
		sub.cursor.Since = alive
	}
}
