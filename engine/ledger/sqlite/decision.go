package sqlite

import (
	"encoding/json"
	"time"

	"zombiezen.com/go/sqlite"

	"rhea/engine"
	"rhea/engine/ledger"
)

// decide returns the function that stores a decision and trims its class to its cap.
func (u *upkeep) decide(d engine.Decision) (func(*sqlite.Conn) error, error) {
	gates, err := list(d.Gates)
	if err != nil {
		return nil, err
	}
	published, err := list(d.Published)
	if err != nil {
		return nil, err
	}
	about := ""
	if d.About != nil {
		text, err := json.Marshal(d.About)
		if err != nil {
			return nil, err
		}
		about = string(text)
	}
	class := ledger.ClassOf(d.Outcome)
	return func(c *sqlite.Conn) error {
		err := exec(c, `INSERT INTO decision (at, class, outcome, rule, trigger, key, reason, relay, gates, published, about)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, nil, d.At.UnixMilli(), string(class), string(d.Outcome),
			d.Rule, d.Trigger, d.Key, ledger.Text(d.Reason), d.Relay, gates, published, about)
		if err != nil {
			return err
		}
		u.tallies.decided(d)
		return u.trim(c, class)
	}, nil
}

func list[T any](items []T) (string, error) {
	if len(items) == 0 {
		return "[]", nil
	}
	text, err := json.Marshal(items)
	return string(text), err
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
