package ledger

import "strings"

// maxText is the longest reason or detail that is stored, in bytes.
const maxText = 1024

// Text makes the words of a relay or a stranger fit to be stored and shown: valid UTF-8, without NUL, at most 1,024
// bytes.
func Text(s string) string {
	if len(s) > maxText {
		s = s[:maxText] + "…"
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.ReplaceAll(s, "\x00", "\uFFFD")
}
