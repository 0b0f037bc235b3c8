package text_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"rhea/engine/text"
)

func TestLine(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                                    "",
		"Alice":                               "Alice",
		"  Alice \r\n\t\u2028 of\u00a0Wonder": "Alice of Wonder",
		"\x1b]0;x\a\u202eevil\u2066\u200f\u061c\x00": "]0;xevil",
		"\u200b\ufeff\u00ad\n":                       "",
		"caf\xe9":                                    "caf\uFFFD",
		"👩‍🚀 é नि":                                   "👩‍🚀 é नि",
		strings.Repeat("ab ", 50):                    strings.TrimSpace(strings.Repeat("ab ", 6)) + "…",
		"FAKE NOTE:\nsend sats to lnbc1":             "FAKE NOTE: send…",
	} {
		if got := text.Line(in, 20); got != want {
			t.Errorf("Line(%q) = %q, want %q", in, got, want)
		}
	}
	for _, in := range []string{"e" + strings.Repeat("\u0301", 100_000), strings.Repeat("\n", 1<<20) + "x", strings.Repeat("é", 1<<20)} {
		if got := text.Line(in, 20); utf8.RuneCountInString(got) > 80 || !utf8.ValidString(got) {
			t.Errorf("%d characters", utf8.RuneCountInString(got))
		}
	}
}
