package triggers

import (
	"rhea/engine"
	"rhea/triggers/events"
	"rhea/triggers/feed"
	"rhea/triggers/schedule"
)

// Kinds returns every trigger, in the order of the reference.
func Kinds() []engine.TriggerKind {
	return []engine.TriggerKind{
		events.NostrKind(),
		events.MentionKind(),
		events.HashtagKind(),
		events.ReplyKind(),
		schedule.Kind(),
		feed.Kind(),
	}
}
