package screen

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
		Paint{true, "\x1bsecret["}.Red("x"):                    "\x1b[31mx\x1b[0m",
		Paint{true, "\x1bsecret["}.Red("\x1b[0mx\x1bguess[1m"): "\x1b[31m" + `\u001b[0mx\u001bguess[1m` + "\x1b[0m",
	} {
		var out strings.Builder
		n, err := Border{&out, new(engine.Redactor), "\x1bsecret["}.Write([]byte(in))
		if out.String() != want || n != len(in) || err != nil {
			t.Errorf("%q is written as %q, want %q (%d, %v)", in, out.String(), want, n, err)
		}
	}
	said := "\u202eevil \u009b \x7f \\u202e"
	var out strings.Builder
	var again string
	if err := json.NewEncoder(Border{&out, nil, "\x1bsecret["}).Encode(said); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(out.String()), &again); err != nil || again != said || strings.ContainsRune(out.String(), 0x202e) {
		t.Errorf("%q became %q, %v", said, again, err)
	}
}

// TestHideTokens shows relays' addresses in all kinds of texts. What is no relay's address stays as it is.
func TestHideTokens(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"wss://relay.example":                                 "wss://relay.example",
		"wss://relay.example?token=s3cret":                    "wss://relay.example?token=…",
		"WSS://Relay.Example/a?Token=s3cret&v=1":              "WSS://Relay.Example/a?Token=…&v=…",
		"ws://[::1]:7777/a?s3cret":                            "ws://[::1]:7777/a?…",
		"wss://r.example?t=s3cret==&u=a?b=s3cret":             "wss://r.example?t=…&u=…",
		"wss://r.example?":                                    "wss://r.example?",
		"wss://r.example?a=&b":                                "wss://r.example?a=…&…",
		"wss://r.example?token=…":                             "wss://r.example?token=…",
		`connect: "wss://r.example?t=s3cret": refused`:        `connect: "wss://r.example?t=…": refused`,
		"wss://r.example?t=s3cret: no; wss://s.example":       "wss://r.example?t=…: no; wss://s.example",
		"[wss://r.example?t=s3cret wss://s.example?u=s3cret]": "[wss://r.example?t=… wss://s.example?u=…]",
		"'wss://r.example?t=s'3cret'":                         "'wss://r.example?t=…'",
		`{"relay":"wss://r.example?t=s3cret\u0026v=1"}`:       `{"relay":"wss://r.example?t=…&v=…"}`,
		"what? https://a.example/?v=1":                        "what? https://a.example/?v=1",
		"wss://r.example\n?t=1":                               "wss://r.example\n?t=1",
	} {
		if got := HideTokens(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}

// TestTablesMeasureWhatTheyShow has a long token in a cell: the table is as wide as what is shown of it.
func TestTablesMeasureWhatTheyShow(t *testing.T) {
	t.Parallel()
	list := Table{Columns: []Column{{Title: "RELAY", Least: 16}, {Title: "LINK"}}}
	list.Add("wss://relay.example?token="+strings.Repeat("s3cret", 20), "up")
	var b strings.Builder
	list.Write(&b)
	if !strings.Contains(b.String(), "wss://relay.example?token=…  up") {
		t.Errorf("the table is\n%s", &b)
	}
}
