package key

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"math/big"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
)

// label keeps child keys apart from all other uses of a key. It must never change.
const label = "rhea child key v1"

// childLength is 16 bytes more than a key has, so that the remainder is as good as uniform (FIPS 186-5, A.2.1).
const childLength = 48

// derive returns the child of parent at path: HKDF-SHA256 (RFC 5869) of the parent's key with the label as salt and the
// path as info, reduced to 1 … n-1. Nobody without the parent's key can tell that the two belong together.
func derive(parent *scalar, path string) (*scalar, error) {
	secret := parent.Bytes()
	wide, err := hkdf.Key(sha256.New, secret[:], []byte(label), path, childLength)
	if err != nil {
		return nil, fmt.Errorf("deriving a key: %w", err)
	}
	limit := new(big.Int).Sub(secp256k1.Params().N, big.NewInt(1))
	number := new(big.Int).Mod(new(big.Int).SetBytes(wide), limit)
	number.Add(number, big.NewInt(1))
	return toScalar(number.FillBytes(make([]byte, 32)))
}
