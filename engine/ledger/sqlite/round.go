package sqlite

import (
	"time"

	"zombiezen.com/go/sqlite"

	"rhea/engine"
)

// slice removes some rows and returns how long to wait until the next slice. After a fault data is only kept longer.
func (u *upkeep) slice(c *sqlite.Conn) (time.Duration, error) {
	more := false
	err := transaction(c, func(c *sqlite.Conn) error {
		more = false
		clear(u.tallies)
		if u.round.IsZero() {
			now, err := u.steadyTime(c)
			if err != nil {
				return err
			}
			u.round = now
		}
		for _, part := range []func(*sqlite.Conn, time.Time) (bool, error){
			u.claims, u.positions, u.counters, u.waiting, u.events, u.decisions, u.oldTallies,
		} {
			again, err := part(c, u.round)
			if err != nil {
				return err
			}
			more = more || again
		}
		return u.tallies.store(c)
	})
	if err != nil || !more {
		u.round = time.Time{}
		return upkeepEvery, err
	}
	return upkeepPause, nil
}

// steadyTime returns the time to use. It is stored, and moves by two rounds at most from round to round: a clock that
// is ahead for some hours must not remove what is still needed when the clock is right again. After a long stop data is
// only kept longer.
func (u *upkeep) steadyTime(c *sqlite.Conn) (time.Time, error) {
	const stream = "upkeep"
	now := u.now()
	err := exec(c, "SELECT value FROM position WHERE stream = ?", func(s *sqlite.Stmt) error {
		if last, err := time.Parse(time.RFC3339, s.ColumnText(0)); err == nil && now.Sub(last) > 2*upkeepEvery {
			now = last.Add(2 * upkeepEvery)
		}
		return nil
	}, stream)
	if err != nil {
		return time.Time{}, err
	}
	return now, storePosition(c, engine.Position{Stream: stream, Value: now.UTC().Format(time.RFC3339)})
}

// claims removes expired ones. It walks along the table, because an index on the time would make every commit slower.
func (u *upkeep) claims(c *sqlite.Conn, now time.Time) (more bool, err error) {
	looked := 0
	var expired []claimKey
	err = exec(c, `SELECT rule, key, until FROM claim WHERE (rule, key) > (?, ?) ORDER BY rule, key LIMIT ?`,
		func(s *sqlite.Stmt) error {
			looked++
			u.claim = claimKey{s.ColumnText(0), s.ColumnText(1)}
			if !s.ColumnIsNull(2) && s.ColumnInt64(2) <= now.UnixMilli() {
				expired = append(expired, u.claim)
			}
			return nil
		}, u.claim.rule, u.claim.key, upkeepSlice)
	if err != nil {
		return false, err
	}
	for _, x := range expired {
		if err := exec(c, "DELETE FROM claim WHERE rule = ? AND key = ?", nil, x.rule, x.key); err != nil {
			return false, err
		}
	}
	if looked < upkeepSlice {
		u.claim = claimKey{}
		return false, nil
	}
	return true, nil
}

// events removes old events without open deliveries. The newest event stays: SQLite numbers the next one after the
// largest number in the table, and numbers must rise.
func (u *upkeep) events(c *sqlite.Conn, now time.Time) (more bool, err error) {
	before := now.Add(-u.options.Events).UnixMilli()
	var old []int64
	looked := 0
	err = exec(c, `SELECT seq, committed, EXISTS (SELECT 1 FROM delivery WHERE event = seq AND due IS NOT NULL)
		FROM event WHERE seq > ? AND seq < (SELECT max(seq) FROM event) ORDER BY seq LIMIT ?`, func(s *sqlite.Stmt) error {
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
		err := exec(c, "SELECT relay, state FROM delivery WHERE event = ?", func(s *sqlite.Stmt) error {
			u.tallies.moved(s.ColumnText(0), engine.DeliveryState(s.ColumnText(1)), -1)
			return nil
		}, seq)
		if err != nil {
			return false, err
		}
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

// oldTallies removes what has not been counted up for as long as the history reaches: hours, rules and relays that are
// gone. Only the newest hour of an outcome is kept for longer than two days.
func (u *upkeep) oldTallies(c *sqlite.Conn, now time.Time) (more bool, err error) {
	return false, exec(c, `DELETE FROM tally WHERE (about <> 'relay' OR count <= 0) AND last < ?1
		OR about = 'rule' AND last < ?2 AND EXISTS (SELECT 1 FROM tally AS newer WHERE newer.about = 'rule'
			AND newer.name = tally.name AND newer.what = tally.what AND newer.hour > tally.hour)`, nil,
		now.Add(-u.options.History.Age).UnixMilli(), now.Add(-48*time.Hour).UnixMilli())
}
