package relay

// limits are what a relay accepts, as far as is known: at first what most relays accept, then what the relay announces
// (NIP-11) and what its refusals show.
type limits struct {
	// subscriptions per connection, filters per REQ, values per list, bytes per message.
	subscriptions, filters, values, bytes int
}

func usualLimits() limits { return limits{subscriptions: 10, filters: 3, values: 250, bytes: 60 << 10} }

// maxStanding is how many subscriptions may stay open; the others are for pages and look-ups.
func (l limits) maxStanding() int { return max(1, l.subscriptions-spares) }

// fetchLimits asks the relay for its limits. They are hints, often absent and sometimes wrong.
func (p *planner) fetchLimits() {
	policy, err := p.session.policy(p.ctx)
	if err != nil {
		p.log.Debug("the relay does not tell its limits", "error", err)
		return
	}
	p.updateLimits(policy)
}

// updateLimits takes over the limits that a relay announces, within reason.
func (p *planner) updateLimits(policy Policy) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known := p.limits
	set := func(to *int, announced, least, most int) {
		if announced > 0 {
			*to = min(max(announced, least), most)
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
