package key

import (
	"errors"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
)

var (
	errForm   = errors.New("this is not a secret key; write nsec1… or 64 hex characters")
	errTyped  = errors.New("this is not a secret key: the checksum of this nsec1… does not fit, so a character is wrong or missing")
	errPublic = errors.New("this is a public key; the secret key begins with nsec1")
	errRange  = errors.New("this is not a secret key: its number is zero or too large")
	errLocked = errors.New("this key is locked (ncryptsec); give its passphrase as well")
)

// scalar is a secret key: a number greater than zero and smaller than the order of the group.
type scalar = secp256k1.ModNScalar

const (
	prefixSecret = "nsec"
	prefixPublic = "npub"
	prefixLocked = "ncryptsec"
)

func toScalar(data []byte) (*scalar, error) {
	if len(data) != 32 {
		return nil, errForm
	}
	var d scalar
	if overflow := d.SetByteSlice(data); overflow || d.IsZero() {
		return nil, errRange
	}
	return &d, nil
}
