package engine

import "slices"

// Drawn returns how far a cycle of the rule has come, "" at its beginning.
func (s *Scope) Drawn(cycle string) (string, error) {
	if s.position == nil {
		return "", nil
	}
	return s.position(s.cycleStream(cycle))
}

// Draw notes how far a cycle will have come when this run is stored. A run that is not stored has drawn nothing.
func (s *Scope) Draw(cycle, value string) {
	s.drawn = append(s.drawn, Position{Stream: s.cycleStream(cycle), Value: value})
}

func (s *Scope) cycleStream(cycle string) string { return s.Rule.Name + "/cycle/" + cycle }

// drew returns the positions that a run which published something, or would have, leaves behind: how far it took its
// cycles, and what it said about its identity.
func (t *trial) drew() []Position {
	switch t.decision.Outcome {
	case Fired, DryRun:
		return slices.Concat(t.Data.scope().drawn, t.remember)
	}
	return nil
}
