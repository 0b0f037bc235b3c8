package wire

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
)

// Every byte at every place, beside encoding/hex, which also takes the upper-case digits that NIP-01 does not know.
func TestUnhex(t *testing.T) {
	t.Parallel()
	const digits = "0123456789abcdef"
	for place := range digits {
		for c := range 256 {
			text := []byte(digits)
			text[place] = byte(c)
			want, err := hex.DecodeString(string(text))
			good := err == nil && string(text) == strings.ToLower(string(text))
			got := make([]byte, 8)
			if ok := Unhex(got, text); ok != good || good && !bytes.Equal(got, want) {
				t.Errorf("%q: %x, %v, want %x, %v", text, got, ok, want, good)
			}
		}
	}
	for _, text := range []string{"", digits[:14], digits + "00"} {
		if Unhex(make([]byte, 8), []byte(text)) {
			t.Errorf("%q filled eight bytes", text)
		}
	}
}
