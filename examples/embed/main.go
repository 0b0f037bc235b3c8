// Command embed is Rhea with a trigger and an action of its own.
package main

import (
	"rhea/actions"
	"rhea/cmd"
	"rhea/engine"
	"rhea/triggers"
)

func main() {
	cmd.Main(engine.Kinds{
		Triggers: append(triggers.Kinds(), Folder()),
		Actions:  append(actions.Kinds(), Poll()),
	})
}
