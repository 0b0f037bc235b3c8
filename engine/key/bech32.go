package key

import (
	"strings"

	"github.com/btcsuite/btcd/btcutil/bech32"
)

// maxLength is more than any key needs.
const maxLength = 1000

// decode returns the prefix and the bytes behind a bech32 text. What is wrong with it is not said, since the text may
// be a mistyped key.
func decode(s string) (prefix string, data []byte, err error) {
	if len(s) > maxLength {
		return "", nil, errForm
	}
	prefix, digits, err := bech32.DecodeNoLimit(s)
	if err != nil {
		return "", nil, errForm
	}
	// The library also takes the checksum of bech32m, which NIP-19 does not have.
	if again, err := bech32.Encode(prefix, digits); err != nil || again != strings.ToLower(s) {
		return "", nil, errForm
	}
	data, err = bech32.ConvertBits(digits, 5, 8, false)
	if err != nil {
		return "", nil, errForm
	}
	return prefix, data, nil
}

// encode writes data as bech32 text.
func encode(prefix string, data []byte) string {
	// Whole bytes always convert, and the prefixes are ours.
	digits, _ := bech32.ConvertBits(data, 8, 5, true)
	s, _ := bech32.Encode(prefix, digits)
	return s
}
