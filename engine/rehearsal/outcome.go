package rehearsal

import (
	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// Owed is one event that a rule made, and where it is to be sent.
type Owed struct {
	Event nostr.Event
	// Identity is the name of who signed it.
	Identity string
	Relays   []string
}

// Outcome is what came of one signal.
type Outcome struct {
	engine.Decision
	// Event is the event of the signal; nil for items and times.
	Event *nostr.Event
	// Owed are the events that were made, in order.
	Owed []Owed
	// Outputs are what the actions returned, by id.
	Outputs map[string]any
	// Data is what the expressions saw; nil when no trigger made a signal.
	Data engine.Data
}
