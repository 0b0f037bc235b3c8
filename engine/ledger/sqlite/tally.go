package sqlite

import (
	"time"

	"zombiezen.com/go/sqlite"

	"rhea/engine"
	"rhea/engine/ledger"
)

// What is tallied: see schema4.sql.
const (
	ofRule     = "rule"
	ofAccepted = "accepted"
	ofRelay    = "relay"
)

// hour is the span of time whose outcomes are counted together, in milliseconds.
const hour = int64(time.Hour / time.Millisecond)

// tallyKey names a row of the table tally.
type tallyKey struct {
	about, name, what string
	hour              int64
}

// tally is how much a transaction adds to a row, and what it saw last.
type tally struct {
	count  int
	last   int64
	reason string
}

// tallies are the rows that the transaction under way changes, so that a group of commits writes each of them once.
type tallies map[tallyKey]tally

func (t tallies) add(k tallyKey, n int, last int64, reason string) {
	sum := t[k]
	sum.count += n
	if last >= sum.last {
		sum.last, sum.reason = last, reason
	}
	t[k] = sum
}

// decided counts a decision, and keeps why the last one failed.
func (t tallies) decided(d engine.Decision) {
	at, reason := d.At.UnixMilli(), ""
	if ledger.ClassOf(d.Outcome) == ledger.ClassFailed {
		reason = ledger.Text(d.Reason)
	}
	t.add(tallyKey{ofRule, d.Rule, string(d.Outcome), at / hour}, 1, at, reason)
}

// answered counts a try to deliver, which has ended at a time.
func (t tallies) answered(s ledger.Settled, at int64) {
	n := 0
	if ledger.Final(s.State) {
		n = 1
	}
	t.add(tallyKey{ofRelay, s.Relay, string(s.State), 0}, n, at, s.Reason)
	if s.State == engine.Accepted {
		t.add(tallyKey{ofAccepted, s.Rule, "", 0}, 1, at, "")
	}
}

// moved counts settled deliveries that came into a state without an answer, or have left it.
func (t tallies) moved(relay string, s engine.DeliveryState, n int) {
	if ledger.Final(s) {
		t.add(tallyKey{ofRelay, relay, string(s), 0}, n, 0, "")
	}
}

// store adds everything to the table.
func (t tallies) store(c *sqlite.Conn) error {
	for k, v := range t {
		err := exec(c, `INSERT INTO tally (about, name, what, hour, count, last, reason) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET count = count + excluded.count, last = max(last, excluded.last),
			reason = iif(excluded.last >= last, excluded.reason, reason)`, nil,
			k.about, k.name, k.what, k.hour, v.count, v.last, v.reason)
		if err != nil {
			return err
		}
	}
	return nil
}
