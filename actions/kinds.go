// Package actions is the catalogue of what a rule can answer with, one file a kind.
//
// An action looks at one [engine.Run] and returns drafts; it never signs, publishes or remembers. Three questions
// keep coming back and have one answer each:
//
//   - what a person wrote (content, hashtags, images, …) is a post, the same in publish, reply and quote;
//   - which event is meant is a target: the signal's event, one this run has made, or one looked up on relays;
//   - how an event is pointed to (id, address, relay hint, author) is decided in point.go.
//
// Strangers' events are copied from only after a check of every value, because a relay refuses the whole event for
// one malformed tag.
package actions

import (
	"embed"

	"rhea/engine"
)

// sources are the files of this package without its tests, which all end in est.go: users read their comments.
//
//go:embed *[^t].go *[^s]t.go *[^e]st.go
var sources embed.FS

// Kinds returns every action of this package, in the order of the reference.
func Kinds() []engine.ActionKind {
	kinds := []engine.ActionKind{
		publishKind(), articleKind(), replyKind(), quoteKind(), repostKind(), reactKind(), deleteKind(), httpKind(), logKind(),
	}
	for i, k := range kinds {
		kinds[i] = k.Documented(sources)
	}
	return kinds
}
