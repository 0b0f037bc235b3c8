package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
)

// Redactor takes secret keys out of texts: what looks like one (see [Redact]), and the keys of the signers it knows in
// hex, in any case and wherever they stand. It holds no key, only their hashes. The zero value, and nil, know none.
type Redactor struct {
	mu    sync.RWMutex
	known map[[sha256.Size]byte]bool
}

// Fingerprinted is a [Signer] whose key can be recognised.
type Fingerprinted interface {
	// Fingerprint is the SHA-256 hash of the 32 bytes of the secret key.
	Fingerprint() [sha256.Size]byte
}

// Know adds the key of a signer. The key of one that is not [Fingerprinted] cannot be recognised.
func (r *Redactor) Know(s Signer) {
	f, ok := s.(Fingerprinted)
	if !ok || r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil {
		r.known = make(map[[sha256.Size]byte]bool)
	}
	r.known[f.Fingerprint()] = true
}

// keyDigits is how many hex digits a key has.
const keyDigits = 64

// Redact replaces secret keys in a text.
func (r *Redactor) Redact(s string) string {
	s = Redact(s)
	if r == nil || len(s) < keyDigits {
		return s
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	if len(r.known) == 0 {
		return s
	}
	var out strings.Builder
	done, run := 0, 0
	for i := range len(s) {
		if run++; !isHexDigit(s[i]) {
			run = 0
		}
		if run >= keyDigits && r.isKey(s[i+1-keyDigits:i+1]) {
			out.WriteString(s[done:i+1-keyDigits] + redacted)
			done, run = i+1, 0
		}
	}
	if done == 0 {
		return s
	}
	return out.String() + s[done:]
}

func (r *Redactor) isKey(digits string) bool {
	var key [keyDigits / 2]byte
	_, err := hex.Decode(key[:], []byte(digits))
	return err == nil && r.known[sha256.Sum256(key[:])]
}

func isHexDigit(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// Decision is d without secret keys, whoever wrote them: it goes to the history, the log and the page.
func (r *Redactor) Decision(d Decision) Decision {
	d.Key, d.Reason = r.Redact(d.Key), r.Redact(d.Reason)
	for i := range d.Gates {
		d.Gates[i].Detail = r.Redact(d.Gates[i].Detail)
	}
	return d
}
