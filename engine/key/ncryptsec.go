package key

import (
	"errors"

	"rhea/engine"
)

var errUnfinished = errors.New("locked keys (NIP-49) are not supported yet")

// Encrypt locks a key with a passphrase (NIP-49).
func Encrypt(nsec, passphrase engine.Secret) (ncryptsec string, err error) {
	return "", errUnfinished
}

// Decrypt opens a ncryptsec.
func Decrypt(ncryptsec string, passphrase engine.Secret) (nsec engine.Secret, err error) {
	return engine.Secret{}, errUnfinished
}

func unlock(ncryptsec, passphrase string) (*scalar, error) { return nil, errUnfinished }
