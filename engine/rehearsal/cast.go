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

// The people of a rehearsal have keys made of their names, so that a test says the same on every machine and needs
// nobody's secret.

// Cast returns throw-away identities that stand for those of a configuration: other keys, the same limits.
func Cast(identities []config.Identity) (map[string]engine.Identity, error) {
	all := make(map[string]engine.Identity, len(identities))
	for _, id := range identities {
		signer, err := person("identity " + id.Name)
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

func person(name string) (*key.Signer, error) {
	hash := sha256.Sum256([]byte("rhea rehearsal: " + name))
	signer, err := key.NewSigner(engine.NewSecret(hex.EncodeToString(hash[:])))
	if err != nil {
		return nil, fmt.Errorf("a key for %s: %w", name, err)
	}
	return signer, nil
}
