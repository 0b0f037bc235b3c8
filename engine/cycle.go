package engine

// Drawn returns how far a cycle of the rule has come, "" at its beginning.
func (s *Scope) Drawn(cycle string) (string, error) {
	if s.position == nil {
		return "", nil
	}
	return s.position(s.cycleStream(cycle))
}

// ReadCycles has [Scope.Drawn] look up positions with read.
func (s *Scope) ReadCycles(read func(stream string) (string, error)) { s.position = read }

// Draw notes how far a cycle will have come when this run is stored. A run that is not stored has drawn nothing.
func (s *Scope) Draw(cycle, value string) {
	s.drawn = append(s.drawn, Position{Stream: s.cycleStream(cycle), Value: value})
}

// Cycles returns how far the run has taken its cycles.
func (s *Scope) Cycles() []Position { return s.drawn }

// Undraw forgets all but the first n of [Scope.Cycles]: the action that drew the others has failed.
func (s *Scope) Undraw(n int) { s.drawn = s.drawn[:n] }

func (s *Scope) cycleStream(cycle string) string { return s.Rule.Name + "/cycle/" + cycle }
