package gate

import (
	"time"

	"rhea/engine"
)

// Candidate is a signal that may be answered. Gates only look at it; what they find goes into their verdicts.
type Candidate struct {
	engine.Signal
	// Now is the time of the look.
	Now time.Time
	// As is whom the signal is answered as, without a signer while that is not known. Path is what it was derived at, ""
	// for the rule's own identity.
	As   engine.Identity
	Path string
	// Proved says that the signature of the event was checked.
	Proved bool
	// Queued says that the signal has waited, and holds its claim.
	Queued bool
	// Again says that it failed before, and its condition is asked once more. Offered is when that was because the rule had
	// changed: it is then judged as if it were new.
	Again   bool
	Offered time.Time

	// What was looked up for the candidate is not looked up twice.
	standing *Standing
	heard    *word
	// entered are the counters under which it has a place.
	entered []string
}

// Author is who has caused the signal, "" for nobody.
func (c *Candidate) Author() string {
	if c.Event == nil {
		return ""
	}
	return c.Event.PubKey
}

// word is what a candidate was found to say.
type word struct {
	said  string
	first bool // nothing was heard from the person before
}

// Standing is what speaks for the author of an event when not everybody can be answered.
type Standing int

const (
	// newcomer is somebody of whom nothing is known. Such keys cost nothing.
	newcomer Standing = iota
	// proven is a newcomer with proof of work in the event, or with a profile that is older than the crowd.
	proven
	// known was answered before the crowd came, or is followed by the identity.
	known
)
