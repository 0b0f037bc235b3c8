package key

import "rhea/engine"

// Generate makes a new key.
func Generate() (nsec engine.Secret, npub string) { return engine.Secret{}, "" }

// ParseSecret reads a secret key, written as nsec or as 64 hex characters, and returns it as nsec.
func ParseSecret(s string) (nsec engine.Secret, err error) { return engine.Secret{}, errUnfinished }

// Npub returns the public name of a secret key.
func Npub(nsec engine.Secret) (string, error) { return "", errUnfinished }

// Encrypt locks a key with a passphrase (NIP-49).
func Encrypt(nsec, passphrase engine.Secret) (ncryptsec string, err error) { return "", errUnfinished }

// Decrypt opens a ncryptsec.
func Decrypt(ncryptsec string, passphrase engine.Secret) (nsec engine.Secret, err error) {
	return engine.Secret{}, errUnfinished
}
