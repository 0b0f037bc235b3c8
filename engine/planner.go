package engine

import (
	"context"
	"time"
)

// Planner is a trigger that knows beforehand when it will act: when it will fire, or look for something new.
type Planner interface {
	Trigger
	// Plan returns the next times at which the trigger acts, at most n, in order, starting from what it has stored
	// and what time it is. It changes nothing.
	Plan(ctx context.Context, stored Positions, now time.Time, n int) ([]Planned, error)
}

// Positions tells how far streams were read. Every [Intake] and every ledger does.
type Positions interface {
	// Position returns where to resume a stream, "" when it was never read.
	Position(ctx context.Context, stream string) (string, error)
}

// Planned is one coming time.
type Planned struct {
	// Time is when, in the zone of the trigger's configuration. It is not after now when it is overdue.
	Time time.Time
	// Note says what else is known of it in a few words, "" for nothing.
	Note string
}

// StatusReporter is a trigger that reads sources of its own, such as feeds, and reports their status.
type StatusReporter interface {
	Trigger
	// Sources returns the status of each source when it was last read, from the positions of the trigger's streams.
	Sources(positions map[string]string, now time.Time) []SourceStatus
}

// SourceStatus is how a source was when it was last looked at.
type SourceStatus struct {
	// Address is fit to be shown: without a password.
	Address string
	// Status is one of ok, new (not read yet), failing (it could not be read last), held (until the operator resumes it), resting (its server wants to be
	// left alone) and gone.
	Status string
	// Read is when it was last read well, to the hour; zero if never.
	Read time.Time
	// Rest is until when it is not asked; zero if that is not known.
	Rest time.Time
	// Note says more in a few words.
	Note string
}
