package triggers

import (
	"rhea/engine"
)

// Kinds returns every trigger of this package, in the order of the reference.
func Kinds() []engine.TriggerKind {
	return []engine.TriggerKind{
		nostrKind(), mentionKind(), hashtagKind(), replyKind(), scheduleKind(), feedKind(),
	}
}
