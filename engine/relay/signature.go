//go:build !libsecp256k1

package relay

import (
	"encoding/hex"
	"sync"

	"github.com/btcsuite/btcd/chaincfg/chainhash"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/relay/wire"
)

// recentAuthors is how many points of public keys are kept at least.
const recentAuthors = 2048

// authors checks signatures as BIP 340 demands, with the arithmetic and hashes of the library. It keeps the points of
// public keys, and does not hash an event a second time.
type authors struct {
	mu     sync.Mutex
	points *window[string, *secp256k1.JacobianPoint]
}

func newAuthors() *authors {
	return &authors{points: newWindow[string, *secp256k1.JacobianPoint](recentAuthors)}
}

// signed reports whether the author of an event has signed its id, which is the hash of its body.
func (a *authors) signed(e *nostr.Event, key wire.CopyKey) bool {
	p := a.point(e.PubKey)
	return p != nil && verify(p, key.ID, key.Sig)
}

// point returns the point of a public key, nil when the key is invalid.
func (a *authors) point(pubkey string) *secp256k1.JacobianPoint {
	a.mu.Lock()
	p, ok := a.points.get(pubkey)
	a.mu.Unlock()
	if ok {
		return p
	}
	x, err := hex.DecodeString(pubkey)
	if err != nil || len(x) != 32 {
		return nil
	}
	parsed, err := secp256k1.ParsePubKey(append([]byte{secp256k1.PubKeyFormatCompressedEven}, x...))
	if err != nil {
		return nil
	}
	p = new(secp256k1.JacobianPoint)
	parsed.AsJacobian(p)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.points.put(pubkey, p)
	return p
}

// verify follows BIP 340: s·G − e·P must be the point with the x of the signature and an even y.
func verify(p *secp256k1.JacobianPoint, hash [32]byte, signature [64]byte) bool {
	var r secp256k1.FieldVal
	var s, e secp256k1.ModNScalar
	if r.SetByteSlice(signature[:32]) || s.SetByteSlice(signature[32:]) {
		return false
	}
	challenge := chainhash.TaggedHash(chainhash.TagBIP0340Challenge, signature[:32], p.X.Bytes()[:], hash[:])
	e.SetByteSlice(challenge[:])
	e.Negate()
	var sg, ep, sum secp256k1.JacobianPoint
	secp256k1.ScalarBaseMultNonConst(&s, &sg)
	secp256k1.ScalarMultNonConst(&e, p, &ep)
	secp256k1.AddNonConst(&sg, &ep, &sum)
	if (sum.X.IsZero() && sum.Y.IsZero()) || sum.Z.IsZero() {
		return false
	}
	sum.ToAffine()
	return !sum.Y.IsOdd() && sum.X.Equals(&r)
}
