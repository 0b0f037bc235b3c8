// Command embed is Rhea with a trigger and an action of its own.
package main

import (
	"embed"

	"rhea/actions"
	"rhea/cmd"
	"rhea/engine"
	"rhea/triggers"
)

// sources are the files of this package: their comments are what `list` and the schema say of its kinds.
//
//go:embed *.go
var sources embed.FS

func main() {
	cmd.Main(engine.Kinds{
		Triggers: append(triggers.Kinds(), Folder().Documented(sources)),
		Actions:  append(actions.Kinds(), Poll().Documented(sources)),
	})
}
