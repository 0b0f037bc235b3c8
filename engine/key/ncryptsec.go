package key

import (
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/crypto/scrypt"
	"golang.org/x/text/unicode/norm"

	"rhea/engine"
)

// The parts of a ncryptsec (NIP-49): version, log_n, salt, nonce, one byte on the key's past, the locked key.
const (
	lockVersion  = 2
	saltAt       = 2
	nonceAt      = saltAt + 16
	pastAt       = nonceAt + chacha20poly1305.NonceSizeX
	lockedAt     = pastAt + 1
	lockedLength = lockedAt + 32 + chacha20poly1305.Overhead

	// pastUnknown marks that it is not known whether the key was ever handled insecurely.
	pastUnknown = 2
)

const (
	// logN is what we lock with: 64 MiB of memory to try one passphrase.
	logN = 16
	// maxLogN is what we open: 1 GiB. A crafted text could ask for any amount.
	maxLogN = 20
)

// Encrypt locks a key with a passphrase (NIP-49).
func Encrypt(nsec, passphrase engine.Secret) (ncryptsec string, err error) {
	d, err := parse(nsec.Reveal())
	if err != nil {
		return "", err
	}
	if passphrase.IsZero() {
		return "", errors.New("the passphrase is empty")
	}
	data := make([]byte, lockedAt, lockedLength)
	data[0], data[1], data[pastAt] = lockVersion, logN, pastUnknown
	// Read of crypto/rand never fails.
	_, _ = rand.Read(data[saltAt:pastAt])
	lock, err := newLock(passphrase.Reveal(), data)
	if err != nil {
		return "", err
	}
	secret := d.Bytes()
	return encode(prefixLocked, lock.Seal(data, data[nonceAt:pastAt], secret[:], data[pastAt:lockedAt])), nil
}

// Decrypt opens a ncryptsec.
func Decrypt(ncryptsec string, passphrase engine.Secret) (nsec engine.Secret, err error) {
	d, err := unlock(ncryptsec, passphrase.Reveal())
	if err != nil {
		return engine.Secret{}, err
	}
	return toNsec(d), nil
}

func unlock(ncryptsec, passphrase string) (*scalar, error) {
	prefix, data, err := decode(ncryptsec)
	if err != nil || prefix != prefixLocked {
		return nil, errors.New("this is not a locked key: ncryptsec1… is mistyped or cut off")
	}
	if len(data) != lockedLength || data[0] != lockVersion {
		return nil, errors.New("this locked key has a form that is not known; only version 2 of NIP-49 is")
	}
	if data[1] > maxLogN || data[1] == 0 {
		return nil, fmt.Errorf("opening this key would take 2^%d KiB of memory; at most 2^%d is allowed", data[1], maxLogN)
	}
	lock, err := newLock(passphrase, data)
	if err != nil {
		return nil, err
	}
	secret, err := lock.Open(nil, data[nonceAt:pastAt], data[lockedAt:], data[pastAt:lockedAt])
	if err != nil {
		return nil, errors.New("the passphrase does not open the key")
	}
	return toScalar(secret)
}

// newLock makes the cipher from a passphrase and the header of a ncryptsec.
func newLock(passphrase string, header []byte) (cipher.AEAD, error) {
	key, err := scrypt.Key([]byte(norm.NFKC.String(passphrase)), header[saltAt:nonceAt], 1<<header[1], 8, 1, chacha20poly1305.KeySize)
	if err != nil {
		return nil, fmt.Errorf("scrypt: %w", err)
	}
	return chacha20poly1305.NewX(key)
}
