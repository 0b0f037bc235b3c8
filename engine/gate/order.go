package gate

func newTables(r *Rule) tables {
	hold, optOut, confirm := r.holdGate(), r.optOutGate(), r.confirmGate()
	age, expired := r.ageGate(), r.expirationGate()
	early := []Gate{hold, age, expired, r.selfGate(), r.duplicateGate()}
	late := []Gate{
		r.prepareGate(), r.conditionGate(), r.signatureGate(), r.loopGate(), r.actorGate(), r.patienceGate(), r.limitGate(),
	}
	if r.rule.OptOut != nil {
		early = append(early, optOut, confirm)
	} else {
		// Nobody speaks to this rule, but people may have spoken to another one of the identity.
		late = append(late, optOut, confirm)
	}
	late = append(late, r.muteListGate())
	then := func(first ...Gate) []Gate { return append(first, late...) }
	return tables{
		door:  []Gate{r.sizeGate(), r.crowdGate()},
		usual: then(early...),
		// Whoever says stop is heard also when the rule is held, and when the bot was away for longer than max_age.
		stopWord: then(r.selfGate(), r.duplicateGate(), optOut, confirm, hold, age, expired),
		// What has waited has passed the gates before, and holds its claim.
		released: then(hold, expired, optOut, confirm),
		offered:  then(hold, age, expired, optOut, confirm),
	}
}

// Door returns the gates that are asked before a signal takes its turn.
func (r *Rule) Door() []Gate { return r.tables.door }

// Inside returns the gates that a candidate must pass when it is its turn.
func (r *Rule) Inside(c *Candidate) []Gate {
	switch {
	case c.Queued && !c.Offered.IsZero():
		return r.tables.offered
	case c.Queued:
		return r.tables.released
	case !c.Backlog && r.wordOf(c) != "":
		return r.tables.stopWord
	}
	return r.tables.usual
}
