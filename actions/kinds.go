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
