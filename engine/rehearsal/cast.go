package rehearsal

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/key"
	"rhea/engine/reference"
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
		made, err := identity(id.Name, signer)
		if err != nil {
			return nil, err
		}
		made.FloodStop = id.FloodStop
		all[id.Name] = made
	}
	return all, nil
}

func identity(name string, signer *key.Signer) (engine.Identity, error) {
	npub, err := reference.Npub(signer.PublicKey())
	if err != nil {
		return engine.Identity{}, fmt.Errorf("identity %s: %w", name, err)
	}
	return engine.Identity{Name: name, Npub: npub, Signer: signer}, nil
}

// Derive makes the identity at a path below another whose key is here, see [engine.Options].
func Derive(base engine.Identity, path string) (engine.Identity, error) {
	parent, ok := base.Signer.(*key.Signer)
	if !ok {
		return engine.Identity{}, errors.New("only a key that is here has others below it")
	}
	signer, err := key.Derive(parent, path)
	if err != nil {
		return engine.Identity{}, err
	}
	return identity(base.Name+"/"+path, signer)
}

func person(name string) (*key.Signer, error) {
	hash := sha256.Sum256([]byte("rhea rehearsal: " + name))
	signer, err := key.NewSigner(engine.NewSecret(hex.EncodeToString(hash[:])))
	if err != nil {
		return nil, fmt.Errorf("a key for %s: %w", name, err)
	}
	return signer, nil
}
