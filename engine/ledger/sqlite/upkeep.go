package sqlite

import (
	"time"

	"rhea/engine/ledger"
)

// Options of a ledger. The zero value is good.
type Options struct {
	// History caps the decisions that are kept.
	History ledger.Limits
	// Events is how long settled events are kept, so that they can be inspected and deleted; 0 means 30 days.
	Events time.Duration
}

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
	// tallies belong to the transaction under way.
	tallies tallies
	// claim is how far this round has come in the claims.
	claim claimKey
	// counter is how far this round has come in the counters.
	counter counterKey
	// waited is how far this round has come in the waiting signals.
	waited int64
	// event is how far this round has come in the events.
	event int64
}

// claimKey is the key of a claim.
type claimKey struct{ rule, key string }

// counterKey is how far a round of upkeep has come in the counters.
type counterKey struct{ hash, at int64 }

func newUpkeep(o Options) *upkeep {
	return &upkeep{options: o, now: time.Now, counts: make(map[ledger.Class]int), tallies: make(tallies)}
}
