package rehearsal

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/identity"
	"rhea/engine/key"
)

// Keys in a rehearsal are hashes of names, so that a test gives the same on every machine and needs no secret.

// FakeIdentities returns throw-away identities for those of a configuration: other keys, the same limits.
func FakeIdentities(identities []config.Identity) (map[string]engine.Identity, error) {
	all := make(map[string]engine.Identity, len(identities))
	for _, id := range identities {
		signer, err := fakeSigner("identity " + id.Name)
		if err != nil {
			return nil, err
		}
		made, err := identity.Of(id.Name, signer)
		if err != nil {
			return nil, err
		}
		made.FloodStop = id.FloodStop
		all[id.Name] = made
	}
	return all, nil
}

func fakeSigner(name string) (*key.Signer, error) {
	hash := sha256.Sum256([]byte("rhea rehearsal: " + name))
	signer, err := key.NewSigner(engine.NewSecret(hex.EncodeToString(hash[:])))
	if err != nil {
		return nil, fmt.Errorf("a key for %s: %w", name, err)
	}
	return signer, nil
}
