package sqlite

import (
	"time"

	"zombiezen.com/go/sqlite"

	"rhea/engine"
)

// position is a queued position. A later one of the same stream replaces it until it is closed: when it is being
// written, or when a commit of the stream is queued behind it.
type position struct {
	engine.Position
	closed bool
}

// storePosition stores a position.
func storePosition(c *sqlite.Conn, p engine.Position) error {
	var until any
	if p.Keep > 0 {
		until = millis(time.Now().Add(p.Keep))
	}
	return exec(c, `INSERT INTO position (stream, value, until) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET value = excluded.value, until = excluded.until`, nil, p.Stream, p.Value, until)
}

// positions removes expired ones, all at once because they are few.
func (u *upkeep) positions(c *sqlite.Conn, now time.Time) (more bool, err error) {
	err = exec(c, "DELETE FROM position WHERE until <= ?", nil, now.UnixMilli())
	return false, err
}
