package rehearsal

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"rhea/engine"
	"rhea/engine/key"
	"rhea/engine/reference"
)

// The people of a rehearsal have keys made of their names, so that a test says the same on every machine and needs
// nobody's secret.

// Identities returns throw-away identities of these names.
func Identities(names ...string) (map[string]engine.Identity, error) {
	all := make(map[string]engine.Identity, len(names))
	for _, name := range names {
		signer, err := person("identity " + name)
		if err != nil {
			return nil, err
		}
		npub, err := reference.Npub(signer.PublicKey())
		if err != nil {
			return nil, fmt.Errorf("identity %s: %w", name, err)
		}
		all[name] = engine.Identity{Name: name, Npub: npub, Signer: signer}
	}
	return all, nil
}

func person(name string) (*key.Signer, error) {
	hash := sha256.Sum256([]byte("rhea rehearsal: " + name))
	signer, err := key.NewSigner(engine.NewSecret(hex.EncodeToString(hash[:])))
	if err != nil {
		return nil, fmt.Errorf("a key for %s: %w", name, err)
	}
	return signer, nil
}
