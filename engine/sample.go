package engine

import (
	"context"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// Sampler is a trigger that can judge what is shown to it, beside noticing things by itself. Tests of rules and
// explanations ask it, and the queue of a rule asks it while the trigger runs: Sample is safe beside Run and beside itself.
type Sampler interface {
	Trigger
	// Sample returns the signals that s leads to. A [*Mismatch] says why there are none.
	Sample(ctx context.Context, s Sample) ([]Signal, error)
}

// Fitter is a [Sampler] that listens for events and can complete one, so that it fits.
type Fitter interface {
	Sampler
	// Fit fills what is left out: a negative kind, a public key that is "", and nil tags.
	Fit(e *nostr.Event)
}

// Sample is what is shown to a trigger. A kind looks at what it knows; the rest is not set.
type Sample struct {
	// Received is an event.
	Received *Received
	// Time is a planned time; zero means the next one after Now.
	Time time.Time
	// Now is the time of the look.
	Now time.Time
	// Document is what a server would answer, such as a whole feed.
	Document []byte
	// Data is of the kind's own type with some fields filled, for signals that are not made of an event. Key names
	// it for a kind that has no better name.
	Data Data
	Key  string
}

// Mismatch says why a trigger makes nothing of a sample.
type Mismatch struct{ Reason string }

func (m *Mismatch) Error() string { return m.Reason }

// Previewer is a trigger that can look at what is there now, without taking anything from it: at the items of a feed,
// at recent events, at the next planned time.
type Previewer interface {
	Trigger
	// Preview returns at most n signals, the newest ones, as if nothing had been seen before. An error says what could
	// not be looked at; there may be signals of the rest beside it.
	Preview(ctx context.Context, now time.Time, n int) ([]Signal, error)
}
