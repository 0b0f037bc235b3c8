package bot

// Dropped notes that a delivery was given up by hand in the ledger, so that Run does not wait for it at its end.
func (e *Bot) Dropped(event, relay string) { e.sender.Drop(event, relay) }

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
