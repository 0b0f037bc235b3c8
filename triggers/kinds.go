package triggers

import (
	"embed"

	"rhea/engine"
)

// sources are the files of this package without its tests, which all end in st.go: users read their comments.
//
//go:embed *[^t].go *[^s]t.go
var sources embed.FS

// Kinds returns every trigger of this package, in the order of the reference.
func Kinds() []engine.TriggerKind {
	kinds := []engine.TriggerKind{
		NostrKind(), MentionKind(), HashtagKind(), ReplyKind(), ScheduleKind(), FeedKind(),
	}
	for i, k := range kinds {
		kinds[i] = k.Documented(sources)
	}
	return kinds
}
