package main

import (
	"rhea/actions"
	"rhea/engine"
	"rhea/triggers"
)

// kinds is the one list of what this binary offers to a configuration. A program of your own writes the same four
// lines with its own kinds added; see examples/embed.
func kinds() engine.Kinds {
	return engine.Kinds{Triggers: triggers.Kinds(), Actions: actions.Kinds()}
}
