package relay

// limits are what a relay bears, as far as we know: at first what the field's relays bear without complaint, then
// what the relay tells (NIP-11) and what its refusals teach.
type limits struct {
	// subscriptions per connection, filters per REQ, values per list, bytes per message.
	subscriptions, filters, values, bytes int
}

func usualLimits() limits { return limits{subscriptions: 10, filters: 3, values: 250, bytes: 60 << 10} }

// standing is how many subscriptions may stand for long; the others are for pages and look-ups.
func (l limits) standing() int { return max(1, l.subscriptions-spares) }

// ask takes over the limits that the relay tells. They are hints, often absent and sometimes untrue.
func (p *planner) ask() {
	said, err := p.session.says(p.ctx)
	if err != nil {
		p.log.Debug("the relay does not tell its limits", "error", err)
		return
	}
	p.told(said)
}

// told takes over what a relay says about its limits, within reason.
func (p *planner) told(said Policy) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known := p.limits
	set := func(to *int, told, least, most int) {
		if told > 0 {
			*to = min(max(told, least), most)
		}
	}
	set(&p.limits.subscriptions, said.MaxSubscriptions, 1, 50)
	set(&p.limits.filters, said.MaxFilters, 1, 20)
	set(&p.limits.bytes, said.MaxMessage, 4<<10, 120<<10)
	if p.limits != known && len(p.groups) > min(known.standing(), p.limits.standing()) {
		p.anew = true
		poke(p.wake)
	}
}
