package delivery

import (
	"errors"

	"rhea/engine"
)

// Why an event cannot be replaced.
var (
	errTaken = errors.New("another relay has it, or may have it")
	// errFlying passes: what another relay says will be known in a moment.
	errFlying = errors.New("another relay is being asked")
	// errGone says that there is nothing to be sent any more.
	errGone = errors.New("it was given up")
)

// claim reserves an event for being replaced: no relay has it or may have it, and none is being asked but by the
// caller.
func (f *tracker) claim(e *progress) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case e.accepted > 0, e.unsure:
		return errTaken
	case e.renewing, e.flying > 1:
		return errFlying
	}
	e.renewing = true
	return nil
}

// release ends claim; id is the event that took the other's place, "" when none did.
func (f *tracker) release(e *progress, id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	e.renewing = false
	if id == "" {
		return
	}
	e.aliases = append(e.aliases, e.id)
	e.id = id
	f.byID[id] = append(f.byID[id], e)
}

// demand returns what d's relay wants instead of d's event; unknown for nothing.
func (f *tracker) demand(e *progress, d engine.Delivery) answer {
	f.mu.Lock()
	defer f.mu.Unlock()
	if wants := e.demands[d.Relay]; wants.id == d.Event.ID {
		return wants.answer
	}
	return answer{}
}

// setDemand notes what d's relay wants instead of d's event; unknown for nothing.
func (f *tracker) setDemand(e *progress, d engine.Delivery, v answer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if e.demands == nil {
		e.demands = make(map[string]demand, 1)
	}
	e.demands[d.Relay] = demand{d.Event.ID, v}
}
