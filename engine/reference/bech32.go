package reference

import (
	"errors"
	"strings"

	"github.com/btcsuite/btcd/btcutil/bech32"
)

// maxLength is NIP-19's limit in characters, instead of the 90 of BIP 173.
const maxLength = 5000

var (
	errTooLong  = errors.New("the name is longer than 5000 characters")
	errMistyped = errors.New("the checksum does not fit: a character is wrong or missing")
)

// decode returns the prefix and the bytes behind a bech32 text.
func decode(s string) (prefix string, data []byte, err error) {
	if len(s) > maxLength {
		return "", nil, errTooLong
	}
	prefix, digits, err := bech32.DecodeNoLimit(s)
	var wrong bech32.ErrInvalidChecksum
	switch {
	case errors.As(err, &wrong):
		return "", nil, errMistyped
	case err != nil:
		return "", nil, errUnknown
	}
	// The library also takes the checksum of bech32m, which NIP-19 does not have.
	if again, err := bech32.Encode(prefix, digits); err != nil || again != strings.ToLower(s) {
		return "", nil, errMistyped
	}
	data, err = bech32.ConvertBits(digits, 5, 8, false)
	if err != nil {
		return "", nil, errMistyped
	}
	return prefix, data, nil
}

// encode writes data as bech32 text.
func encode(prefix string, data []byte) (string, error) {
	digits, err := bech32.ConvertBits(data, 8, 5, true)
	if err != nil {
		return "", err
	}
	s, err := bech32.Encode(prefix, digits)
	if err == nil && len(s) > maxLength {
		return "", errTooLong
	}
	return s, err
}
