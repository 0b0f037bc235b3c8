package cmd_test

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"rhea/actions"
	"rhea/cmd"
	"rhea/engine"
	"rhea/triggers"
)

func kinds() engine.Kinds {
	return engine.Kinds{Triggers: triggers.Kinds(), Actions: actions.Kinds()}
}

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"rhea": func() { cmd.Main(kinds()) }})
}

// TestScripts runs every script of testdata/script: each one shows a behaviour of the command line.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{Dir: "testdata/script", RequireExplicitExec: true})
}
