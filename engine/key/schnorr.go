package key

import (
	"crypto/rand"
	"errors"

	"github.com/btcsuite/btcd/chaincfg/chainhash"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
)

var errNonce = errors.New("no signature could be made; try again")

// publicKey returns the key to sign with, whose point has an even y, and that point's x (BIP 340). It does without the
// library's table of the base point's multiples: that takes a hundred times as long to unpack as one multiplication,
// and a megabyte, which a bot should not pay before the first signature.
func publicKey(d *scalar) (even scalar, x [32]byte) {
	g, p := base(), secp256k1.JacobianPoint{}
	secp256k1.ScalarMultNonConst(d, &g, &p)
	p.ToAffine()
	even.Set(d)
	if p.Y.IsOdd() {
		even.Negate()
	}
	return even, *p.X.Bytes()
}

// base is the point that all public keys are multiples of.
func base() (g secp256k1.JacobianPoint) {
	curve := secp256k1.Params()
	g.X.SetByteSlice(curve.Gx.Bytes())
	g.Y.SetByteSlice(curve.Gy.Bytes())
	g.Z.SetInt(1)
	return g
}

// newSchnorr returns the signing function of BIP 340. All that depends on the key alone is computed once, which leaves
// one multiplication of the base point for each signature; the arithmetic and the hashes are the library's.
func newSchnorr(key *scalar) (sign func(hash [32]byte) ([64]byte, error), public [32]byte) {
	d, x := publicKey(key)
	return func(hash [32]byte) ([64]byte, error) {
		var aux [32]byte
		// Read of crypto/rand never fails.
		_, _ = rand.Read(aux[:])
		return signWith(&d, x, hash, aux)
	}, x
}

func signWith(d *scalar, x, hash, aux [32]byte) (signature [64]byte, err error) {
	masked := d.Bytes()
	for i, b := range chainhash.TaggedHash(chainhash.TagBIP0340Aux, aux[:]) {
		masked[i] ^= b
	}
	nonce := chainhash.TaggedHash(chainhash.TagBIP0340Nonce, masked[:], x[:], hash[:])
	var k scalar
	k.SetByteSlice(nonce[:])
	if k.IsZero() {
		return signature, errNonce
	}
	var r secp256k1.JacobianPoint
	secp256k1.ScalarBaseMultNonConst(&k, &r)
	r.ToAffine()
	if r.Y.IsOdd() {
		k.Negate()
	}
	rx := r.X.Bytes()
	challenge := chainhash.TaggedHash(chainhash.TagBIP0340Challenge, rx[:], x[:], hash[:])
	var e scalar
	e.SetByteSlice(challenge[:])
	e.Mul(d).Add(&k)
	s := e.Bytes()
	copy(signature[:32], rx[:])
	copy(signature[32:], s[:])
	k.Zero()
	clear(masked[:])
	return signature, nil
}
