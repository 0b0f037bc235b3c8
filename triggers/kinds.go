package triggers

import (
	"embed"

	"rhea/engine"
	"rhea/triggers/schedule"
)

// sources are the files of this package without its tests, which all end in st.go: users read their comments.
//
//go:embed *[^t].go *[^s]t.go
var sources embed.FS

// Kinds returns every trigger of this package, in the order of the reference.
func Kinds() []engine.TriggerKind {
	return []engine.TriggerKind{
		NostrKind().Documented(sources),
		MentionKind().Documented(sources),
		HashtagKind().Documented(sources),
		ReplyKind().Documented(sources),
		schedule.Kind(),
		FeedKind().Documented(sources),
	}
}
