package cmd

import (
	"errors"
	"strings"
	"testing"

	"rhea/engine"
)

// TestComplaintsBreakAtSpaces: on a terminal of 80 columns no word of an error is broken, nor an address; a pipe gets one line.
func TestComplaintsBreakAtSpaces(t *testing.T) {
	t.Parallel()
	const address = "https://paid.example/a/very/long/address/that/does/not/fit/into/a/line/of/eighty/columns/at/all"
	err := errors.New("there is no state file /srv/bots/bot/rhea.db: the bot has not run yet, or keeps its state elsewhere (--state)\n" +
		"  see " + address + " and pay\n\nthe end")
	for columns, want := range map[string]string{
		"80": `rhea: there is no state file /srv/bots/bot/rhea.db: the bot has not run yet,
  or keeps its state elsewhere (--state)
  see
    ` + address + `
    and pay

the end
`,
		"":   "rhea: " + err.Error() + "\n",
		"5":  "rhea: " + err.Error() + "\n",
		"no": "rhea: " + err.Error() + "\n",
	} {
		var out strings.Builder
		a := newApp(Streams{Out: &out, Err: &out, LookupEnv: func(name string) (string, bool) { return columns, name == "COLUMNS" && columns != "" }}, engine.Kinds{})
		a.complain(err)
		if out.String() != want {
			t.Errorf("with COLUMNS=%q it says\n%s\nwant\n%s", columns, &out, want)
		}
	}
}
