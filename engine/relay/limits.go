package relay

// limits are what a relay bears, as far as we know: at first what the field's relays bear without complaint, then
// what the relay tells (NIP-11) and what its refusals teach.
type limits struct {
	// subscriptions per connection, filters per REQ, values per list, bytes per message.
	subscriptions, filters, values, bytes int
}

func usualLimits() limits { return limits{subscriptions: 10, filters: 3, values: 250, bytes: 60 << 10} }

// maxStanding is how many subscriptions may stand for long; the others are for pages and look-ups.
func (l limits) maxStanding() int { return max(1, l.subscriptions-spares) }

// sendEvent takes over the limits that the relay tells. They are hints, often absent and sometimes untrue.
func (p *planner) fetchLimits() {
	policy, err := p.session.policy(p.ctx)
	if err != nil {
		p.log.Debug("the relay does not tell its limits", "error", err)
		return
	}
	p.updateLimits(policy)
}

// logged takes over what a relay says about its limits, within reason.
func (p *planner) updateLimits(policy Policy) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known := p.limits
	set := func(to *int, told, least, most int) {
		if told > 0 {
			*to = min(max(told, least), most)
		}
	}
	set(&p.limits.subscriptions, policy.MaxSubscriptions, 1, 50)
	set(&p.limits.filters, policy.MaxFilters, 1, 20)
	set(&p.limits.bytes, policy.MaxMessage, 4<<10, 120<<10)
	if p.limits != known && len(p.groups) > min(known.maxStanding(), p.limits.maxStanding()) {
		p.replanAll = true
		notify(p.wake)
	}
}
