package cmd

import (
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"rhea/engine"
)

// TestCompletionsNameWhatIsThere holds the table of completions against the verbs: a row that stands for no verb or flag
// would complete nothing.
func TestCompletionsNameWhatIsThere(t *testing.T) {
	a := newApp(Streams{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard, LookupEnv: func(string) (string, bool) { return "", false }}, engine.Kinds{})
	there := map[string]bool{}
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		verb := strings.TrimPrefix(strings.TrimPrefix(c.CommandPath(), "rhea"), " ")
		there[verb] = true
		mark := func(f *pflag.Flag) { there["--"+f.Name], there[verb+" --"+f.Name] = true, true }
		c.LocalNonPersistentFlags().VisitAll(mark)
		c.PersistentFlags().VisitAll(mark)
		for _, below := range c.Commands() {
			walk(below)
		}
	}
	walk(a.root())
	m := a.completions()
	for verb := range m.args {
		if !there[verb] {
			t.Errorf("there is no verb %q", verb)
		}
	}
	for flag := range m.flags {
		if !there[flag] {
			t.Errorf("there is no flag %q", flag)
		}
	}
}
