package memory

import (
	"slices"
	"time"

	"rhea/engine"
	"rhea/engine/ledger"
)

// history holds the decisions of each class, oldest first, with the number of each in the order of arrival.
type history struct {
	limits  ledger.Limits
	classes map[ledger.Class][]entry
	last    int
}

type entry struct {
	number int
	engine.Decision
}

func (h *history) add(d engine.Decision) {
	if h.classes == nil {
		h.classes = make(map[ledger.Class][]entry)
	}
	class := ledger.ClassOf(d.Outcome)
	h.last++
	kept := append(h.classes[class], entry{h.last, d})
	if over := len(kept) - h.limits.Of(class); over > 0 {
		kept = kept[over:]
	}
	oldest := time.Now().Add(-h.limits.Age)
	for len(kept) > 1 && kept[0].At.Before(oldest) {
		kept = kept[1:]
	}
	h.classes[class] = kept
}

func (h *history) find(q engine.HistoryQuery) []engine.Decision {
	var found []entry
	for _, class := range h.classes {
		for _, e := range class {
			if ledger.Selects(q, e.Decision) {
				found = append(found, e)
			}
		}
	}
	slices.SortFunc(found, func(a, b entry) int {
		if c := b.At.Compare(a.At); c != 0 {
			return c
		}
		return b.number - a.number
	})
	limit := q.Limit
	if limit <= 0 {
		limit = ledger.DefaultHistory
	}
	found = found[:min(limit, len(found))]
	decisions := make([]engine.Decision, len(found))
	for i, e := range found {
		decisions[i] = e.Decision
	}
	return decisions
}
