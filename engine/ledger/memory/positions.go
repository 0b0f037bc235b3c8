package memory

import (
	"maps"
	"time"

	"rhea/engine"
)

// positions holds the position of each stream and when it expires; the zero time is never.
type positions struct {
	kept map[string]kept
	// sweep is the number of positions at which the expired ones are removed next.
	sweep int
}

type kept struct {
	value string
	until time.Time
}

func (p *positions) set(position engine.Position, now time.Time) {
	k := kept{value: position.Value}
	if position.Keep > 0 {
		k.until = now.Add(position.Keep)
	}
	p.kept[position.Stream] = k
	if len(p.kept) >= max(p.sweep, sweepAt) {
		maps.DeleteFunc(p.kept, func(_ string, k kept) bool { return !k.until.IsZero() && !k.until.After(now) })
		p.sweep = 2 * len(p.kept)
	}
}
