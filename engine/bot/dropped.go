package bot

import "slices"

// Dropped notes that a delivery was given up by hand in the ledger, so that Run does not wait for it at its end.
func (e *Bot) Dropped(event, relay string) { e.outbox.fates.drop(event, relay) }

// DroppedWaiting notes that signals of a rule were taken out of its queue by hand in the ledger, so that what waits
// behind them goes on.
func (e *Bot) DroppedWaiting(rule string, keys []string) {
	for _, r := range e.runners {
		if r.rule.Name != rule || r.dry {
			continue
		}
		for _, key := range keys {
			r.line.places.leave(key)
		}
		r.line.ring(e.Clock.Now())
	}
}

// drop notes that a relay will not be asked for an event any more.
func (f *fates) drop(event, relay string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range f.byID[event] {
		i := slices.Index(e.untried, relay)
		if i < 0 {
			continue
		}
		e.untried = slices.Delete(e.untried, i, i+1)
		e.lost++
		f.untried--
	}
	if f.untried == 0 {
		f.signal()
	}
}
