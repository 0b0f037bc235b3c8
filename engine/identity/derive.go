package identity

import (
	"errors"
	"fmt"

	"rhea/engine"
	"rhea/engine/key"
	"rhea/engine/reference"
)

// Of is the identity with a name and a signer.
func Of(name string, signer engine.Signer) (engine.Identity, error) {
	npub, err := reference.Npub(signer.PublicKey())
	if err != nil {
		return engine.Identity{}, fmt.Errorf("identity %s: %w", name, err)
	}
	return engine.Identity{Name: name, Npub: npub, Signer: signer}, nil
}

// Derive makes the identity at a path below another whose key is here, see [Options].
func Derive(base engine.Identity, path string) (engine.Identity, error) {
	parent, ok := base.Signer.(*key.Signer)
	if !ok {
		return engine.Identity{}, errors.New("only a key that is here has others below it")
	}
	signer, err := key.Derive(parent, path)
	if err != nil {
		return engine.Identity{}, err
	}
	return Of(base.Name+"/"+path, signer)
}
