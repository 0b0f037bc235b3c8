package screen

import (
	"crypto/rand"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf16"

	"rhea/engine"
)

// Border is the way out for all that people and programs read: no secret key passes it, no relay's token, and nothing that
// a terminal or an eye would obey. What strangers have written is written as \u001b then, which is also what JSON says.
type Border struct {
	Out     io.Writer
	Secrets *engine.Redactor
	// Ink begins our own colours. It is random, so that the texts of strangers cannot contain it.
	Ink string
}

// NewInk makes a mark that strangers cannot guess.
func NewInk() string { return "\x1b" + rand.Text() + "[" }

// Write implements [io.Writer]. Each text comes in one piece.
func (b Border) Write(p []byte) (int, error) {
	pieces := strings.Split(HideTokens(b.Secrets.Redact(string(p))), b.Ink)
	for i := range pieces {
		pieces[i] = harmless(pieces[i])
	}
	if _, err := io.WriteString(b.Out, strings.Join(pieces, "\x1b[")); err != nil {
		return 0, err
	}
	return len(p), nil
}

// harmless writes characters that control a terminal or turn the direction of text as their numbers. Lines and tabs
// stay.
func harmless(s string) string {
	if strings.IndexFunc(s, obeyed) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if !obeyed(r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// obeyed reports whether r controls a terminal or the direction of text.
func obeyed(r rune) bool {
	if r == '\n' || r == '\t' {
		return false
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// relayQuery is a relay's address with a query, as it stands in a text.
var relayQuery = regexp.MustCompile("(?i)wss?://[^\\s\"<>`\\\\?\\x00-\\x1f]*\\?(?:[^\\s\"<>`\\\\\\x00-\\x1f]|\\\\u0026)+")

// HideTokens writes the values in the queries of relays' addresses as …: services take tokens there. It does so wherever
// an address stands in a text, because errors, reasons and strangers repeat them.
func HideTokens(s string) string {
	if !strings.Contains(s, "?") {
		return s
	}
	return relayQuery.ReplaceAllStringFunc(s, func(address string) string {
		before, query, _ := strings.Cut(address, "?")
		bare := strings.TrimRight(query, `.,:;'()[]{}`)
		values := strings.Split(strings.ReplaceAll(bare, `\u0026`, "&"), "&") // JSON has its own &.
		for i, v := range values {
			name, _, named := strings.Cut(v, "=")
			if named {
				values[i] = name + "=…"
			} else if v != "" {
				values[i] = "…"
			}
		}
		return before + "?" + strings.Join(values, "&") + query[len(bare):]
	})
}
