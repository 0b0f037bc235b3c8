package sqlite

import (
	"time"

	"zombiezen.com/go/sqlite"

	"rhea/engine"
	"rhea/engine/ledger"
)

const (
	// upkeepEvery is how often what has expired is removed.
	upkeepEvery = time.Hour
	// upkeepPause lies between two slices, so that commits pass.
	upkeepPause = 20 * time.Millisecond
	// upkeepSlice is how many rows one slice removes.
	upkeepSlice = 500
	// upkeepTrim is how far the history may outgrow its cap.
	upkeepTrim = 200
)

// upkeep removes what need not be remembered any more, in small slices between commits. It belongs to the writer.
type upkeep struct {
	options Options
	now     func() time.Time
	// round is the time that the round under way goes by, zero between rounds.
	round time.Time
	// decided counts the decisions of each class; a transaction that fails lets it run ahead until the next round.
	counts map[ledger.Class]int
	// claim is how far the claims were looked through in this round.
	claim claimKey
	// mark is how far the marks were looked through in this round.
	mark markKey
	// waited is how far what waits was looked through in this round.
	waited int64
	// event is how far the events were looked through in this round.
	event int64
}

// claimed names a claim.
type claimKey struct{ rule, key string }

func newUpkeep(o Options) *upkeep {
	return &upkeep{options: o, now: time.Now, counts: make(map[ledger.Class]int)}
}

// steady returns the time to go by. It is stored, and from round to round it moves by two rounds at most: a clock that
// is ahead for some hours must not have forgotten what it will take for new when it is right again. After a long rest
// things are only kept for longer.
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

// slice removes a little and returns how long to wait until the next slice. A fault means that things are kept longer.
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

// claims removes expired ones, walking along the table: an index on the time would make every commit dearer.
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

// events removes old events of which nothing is owed any more, with their deliveries. The newest stays: SQLite would
// number the next event after the newest that is left, and numbers must rise.
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

// decisions removes what is older than the history's age, and counts the rest for trim.
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

// trim keeps a class of decisions to its cap, give or take a slice. It runs in the transaction of a new decision.
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
