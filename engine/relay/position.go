package relay

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"rhea/engine"
)

// place is how far a leg has read, in Unix seconds of our own clock. It is what Positions keep as JSON.
type place struct {
	// Since is the time up to which everything the relay had to say was handled.
	Since int64 `json:"since"`
	// Floor is when the query first ran. What is older was not meant for it.
	Floor int64 `json:"floor"`
	// Primed says that the relay has once shown all it had stored.
	Primed bool `json:"primed,omitempty"`
}

// loadPlace reads a leg's place; ok is false when the leg never ran.
func loadPlace(ctx context.Context, positions Positions, stream string, now time.Time) (p place, ok bool, err error) {
	value, err := positions.Position(ctx, stream)
	if err != nil {
		return place{}, false, fmt.Errorf("position of %s: %w", stream, err)
	}
	if value == "" {
		return place{}, false, nil
	}
	if err := json.Unmarshal([]byte(value), &p); err != nil {
		return place{}, false, fmt.Errorf("position of %s is %q, not what was stored there: %w", stream, clip(value), err)
	}
	// A clock that was ahead must not make us skip what happens until it is reached again.
	p.Since, p.Floor = min(p.Since, now.Unix()), min(p.Floor, now.Unix())
	return p, true, nil
}

// save stores the place unless it is stored already.
func (l *leg) save(ctx context.Context, positions Positions) error {
	p := l.place()
	if p == l.saved {
		return nil
	}
	value, err := json.Marshal(p)
	if err == nil {
		err = positions.Advance(ctx, engine.Position{Stream: l.stream, Value: string(value)})
	}
	if err != nil {
		return fmt.Errorf("position of %s: %w", l.stream, err)
	}
	l.saved = p
	return nil
}

// place is what may be stored now: up to the last sign of life while the subscription stands, but never past an
// event that is still in hand.
func (l *leg) place() place {
	l.query.mu.Lock()
	defer l.query.mu.Unlock()
	l.progress()
	p := l.at
	for _, w := range l.query.hand {
		if hold, ok := w.holds[l]; ok {
			p.Since = min(p.Since, hold)
			// Wrapped backlog must still be known as such when it is read again.
			p.Primed = p.Primed && (l.saved.Primed || !w.holdsBacklog(l))
		}
	}
	return p
}

// progress moves the leg to the last sign of life of the link that it listens to, also back where a clock that was ahead
// had left it. The query's lock is held.
func (l *leg) progress() {
	if l.live == nil {
		return
	}
	if alive := l.live.alive.Load() / int64(time.Second); alive > l.at.Since || l.at.Since > time.Now().Unix() {
		l.at.Since = alive
	}
}
