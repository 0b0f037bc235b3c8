package sqlite

import (
	"time"

	"zombiezen.com/go/sqlite"

	"rhea/engine/ledger"
)

const (
	// upkeepEvery is how often what has expired is removed.
	upkeepEvery = time.Hour
	// upkeepPause lies between two slices, so that commits pass.
	upkeepPause = 20 * time.Millisecond
	// upkeepSlice is how many rows one slice removes.
	upkeepSlice = 500
	// upkeepAfter is the number of new decisions after which the caps are looked at without waiting.
	upkeepAfter = 5000
)

// upkeep removes what need not be remembered any more, in small slices between commits. It belongs to the writer.
type upkeep struct {
	options Options
	// decided counts decisions since the last look.
	decided int
	// event is how far the events were looked through in this round.
	event int64
}

func newUpkeep(o Options) *upkeep { return &upkeep{options: o} }

// hurry reports, once, that enough was added for a look out of turn.
func (u *upkeep) hurry() bool {
	if u.decided < upkeepAfter {
		return false
	}
	u.decided = 0
	return true
}

// slice removes a little and returns how long to wait until the next slice.
func (u *upkeep) slice(c *sqlite.Conn) time.Duration {
	more := false
	err := transaction(c, write{do: func(c *sqlite.Conn) error {
		more = false
		for _, part := range []func(*sqlite.Conn, time.Time) (bool, error){u.claims, u.events, u.decisions} {
			again, err := part(c, time.Now())
			if err != nil {
				return err
			}
			more = more || again
		}
		return nil
	}})
	// A fault only means that things are kept longer; if it stays, the next commit says so.
	if err != nil || !more {
		return upkeepEvery
	}
	return upkeepPause
}

func (u *upkeep) claims(c *sqlite.Conn, now time.Time) (more bool, err error) {
	err = exec(c, `DELETE FROM claim WHERE (rule, key) IN
		(SELECT rule, key FROM claim WHERE until <= ? ORDER BY until LIMIT ?)`, nil, now.UnixMilli(), upkeepSlice)
	return c.Changes() == upkeepSlice, err
}

// events removes old events of which nothing is owed any more, with their deliveries.
func (u *upkeep) events(c *sqlite.Conn, now time.Time) (more bool, err error) {
	before := now.Add(-u.options.Events).UnixMilli()
	var old []int64
	looked := 0
	err = exec(c, `SELECT seq, committed, EXISTS (SELECT 1 FROM delivery WHERE event = seq AND due IS NOT NULL)
		FROM event WHERE seq > ? ORDER BY seq LIMIT ?`, func(s *sqlite.Stmt) error {
		looked++
		u.event = s.ColumnInt64(0)
		if s.ColumnInt64(1) >= before {
			looked = 0 // what follows is younger
		} else if !s.ColumnBool(2) {
			old = append(old, u.event)
		}
		return nil
	}, u.event, upkeepSlice)
	if err != nil {
		return false, err
	}
	for _, seq := range old {
		if err := exec(c, "DELETE FROM event WHERE seq = ?", nil, seq); err != nil {
			return false, err
		}
	}
	if looked < upkeepSlice {
		u.event = 0
		return false, nil
	}
	return true, nil
}

func (u *upkeep) decisions(c *sqlite.Conn, now time.Time) (more bool, err error) {
	before := now.Add(-u.options.History.Age).UnixMilli()
	for _, class := range ledger.Classes() {
		err := exec(c, `DELETE FROM decision WHERE seq IN (SELECT seq FROM decision WHERE class = ?1 AND at < max(?2,
			coalesce((SELECT at FROM decision WHERE class = ?1 ORDER BY at DESC LIMIT 1 OFFSET ?3), 0)) ORDER BY at LIMIT ?4)`,
			nil, string(class), before, u.options.History.Of(class)-1, upkeepSlice)
		if err != nil {
			return false, err
		}
		more = more || c.Changes() == upkeepSlice
	}
	return more, nil
}
