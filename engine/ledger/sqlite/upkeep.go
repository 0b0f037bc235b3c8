package sqlite

import (
	"time"

	"zombiezen.com/go/sqlite"

	"rhea/engine"
	"rhea/engine/ledger"
)

const (
	// upkeepEvery is how often expired data is removed.
	upkeepEvery = time.Hour
	// upkeepPause is the pause between two slices, in which commits are written.
	upkeepPause = 20 * time.Millisecond
	// upkeepSlice is how many rows one slice removes.
	upkeepSlice = 500
	// upkeepTrim is how far the history may outgrow its cap.
	upkeepTrim = 200
)

// upkeep removes expired data in small slices between commits. It belongs to the writer.
type upkeep struct {
	options Options
	now     func() time.Time
	// round is the time used by the round under way, zero between rounds.
	round time.Time
	// counts holds the number of decisions of each class. After a failed transaction it is too high until the next
	// round.
	counts map[ledger.Class]int
	// claim is how far this round has come in the claims.
	claim claimKey
	// mark is how far this round has come in the marks.
	mark markKey
	// waited is how far this round has come in the waiting signals.
	waited int64
	// event is how far this round has come in the events.
	event int64
}

// claimKey is the key of a claim.
type claimKey struct{ rule, key string }

func newUpkeep(o Options) *upkeep {
	return &upkeep{options: o, now: time.Now, counts: make(map[ledger.Class]int)}
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

// slice removes some rows and returns how long to wait until the next slice. After a fault data is only kept longer.
func (u *upkeep) slice(c *sqlite.Conn) (time.Duration, error) {
	more := false
	err := transaction(c, func(c *sqlite.Conn) error {
		more = false
		if u.round.IsZero() {
			now, err := u.steadyTime(c)
			if err != nil {
				return err
			}
			u.round = now
		}
		for _, part := range []func(*sqlite.Conn, time.Time) (bool, error){
			u.claims, u.positions, u.marks, u.waiting, u.events, u.decisions,
		} {
			again, err := part(c, u.round)
			if err != nil {
				return err
			}
			more = more || again
		}
		return nil
	})
	if err != nil || !more {
		u.round = time.Time{}
		return upkeepEvery, err
	}
	return upkeepPause, nil
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

// decisions removes those older than the age of the history, and counts the rest for trim.
func (u *upkeep) decisions(c *sqlite.Conn, now time.Time) (more bool, err error) {
	before := now.Add(-u.options.History.Age).UnixMilli()
	for _, class := range ledger.Classes() {
		err := exec(c, `DELETE FROM decision WHERE seq IN
			(SELECT seq FROM decision WHERE class = ? AND at < ? ORDER BY at LIMIT ?)`, nil,
			string(class), before, upkeepSlice)
		if err != nil {
			return false, err
		}
		more = more || c.Changes() == upkeepSlice
		n, err := number(c, "SELECT count(*) FROM decision WHERE class = ?", string(class))
		if err != nil {
			return false, err
		}
		u.counts[class] = int(n)
	}
	return more, nil
}

// trim keeps a class of decisions to its cap, give or take upkeepTrim. It runs in the transaction of a new decision.
func (u *upkeep) trim(c *sqlite.Conn, class ledger.Class) error {
	n, counted := u.counts[class]
	if !counted {
		inFile, err := number(c, "SELECT count(*) FROM decision WHERE class = ?", string(class))
		if err != nil {
			return err
		}
		n = int(inFile) - 1
	}
	u.counts[class] = n + 1
	over := n + 1 - u.options.History.Of(class)
	if over < upkeepTrim {
		return nil
	}
	err := exec(c, `DELETE FROM decision WHERE seq IN
		(SELECT seq FROM decision WHERE class = ? ORDER BY at, seq LIMIT ?)`, nil, string(class), over)
	u.counts[class] -= c.Changes()
	return err
}
