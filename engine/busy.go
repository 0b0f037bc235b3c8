package engine

import (
	"errors"
)

var (
	// ErrBusy marks an error that is ours and passes: this machine could not work out a signal for now, because others
	// take too long. The signal has no verdict then. Nothing is claimed or recorded, and its trigger emits it again, later
	// each time.
	ErrBusy = errors.New("busy")
	// ErrAbandoned marks an evaluation that was given up because it took too long. It is a verdict on the signal whose
	// words were evaluated, not on any other.
	ErrAbandoned = errors.New("abandoned")
)
