package cmd

import (
	"encoding/json"
	"strings"
	"testing"

	"rhea/engine"
)

// TestBorder: nothing that a terminal or an eye would obey passes, but our own colours; what JSON says stays the same.
func TestBorder(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain\n\ttext é 日本 👩‍🚀":                               "plain\n\ttext é 日本 👩‍🚀",
		"\x1b]0;title\a":                                       `\u001b]0;title\u0007`,
		"\x1b[2J\x1b[31mred":                                   `\u001b[2J\u001b[31mred`,
		"a\rforged\x00\x7f\u009b1m":                            `a\u000dforged\u0000\u007f\u009b1m`,
		"\u202eevil\u2066 \u200f \u061c":                       `\u202eevil\u2066 \u200f \u061c`,
		"a\u2028b":                                             `a\u2028b`,
		paint{true, "\x1bsecret["}.red("x"):                    "\x1b[31mx\x1b[0m",
		paint{true, "\x1bsecret["}.red("\x1b[0mx\x1bguess[1m"): "\x1b[31m" + `\u001b[0mx\u001bguess[1m` + "\x1b[0m",
	} {
		var out strings.Builder
		n, err := border{&out, new(engine.Redactor), "\x1bsecret["}.Write([]byte(in))
		if out.String() != want || n != len(in) || err != nil {
			t.Errorf("%q is written as %q, want %q (%d, %v)", in, out.String(), want, n, err)
		}
	}
	said := "\u202eevil \u009b \x7f \\u202e"
	var out strings.Builder
	var again string
	if err := json.NewEncoder(border{&out, nil, "\x1bsecret["}).Encode(said); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(out.String()), &again); err != nil || again != said || strings.ContainsRune(out.String(), 0x202e) {
		t.Errorf("%q became %q, %v", said, again, err)
	}
}
