package key

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rhea/engine"
)

// Error is what is wrong with the key of one identity.
type Error struct {
	// Identity is the identity's name.
	Identity string
	Err      error
}

func (e *Error) Error() string { return fmt.Sprintf("identity %s: %v", e.Identity, e.Err) }

func (e *Error) Unwrap() error { return e.Err }

// OpenAll opens the keys of all identities, by name. Warnings are for the operator, such as a key file that others
// may read. The error joins an [Error] for every identity that has no usable key.
func OpenAll(refs map[string]engine.SecretRef, o Options) (signers map[string]engine.Signer, warnings []string, err error) {
	r := ring{opts: o, refs: refs, keys: make(map[string]*scalar), failed: make(map[string]error)}
	signers = make(map[string]engine.Signer, len(refs))
	var failures []error
	for _, name := range slices.Sorted(maps.Keys(refs)) {
		d, err := r.open(name)
		if err != nil {
			failures = append(failures, &Error{Identity: name, Err: err})
			continue
		}
		signers[name] = newSigner(d)
	}
	if failures != nil {
		return nil, r.warnings, errors.Join(failures...)
	}
	return signers, r.warnings, nil
}

// ring opens keys, each once.
type ring struct {
	opts     Options
	refs     map[string]engine.SecretRef
	keys     map[string]*scalar
	failed   map[string]error
	warnings []string
	// opening are the identities whose keys depend on the one being opened.
	opening []string
}

func (r *ring) open(name string) (*scalar, error) {
	if d, ok := r.keys[name]; ok {
		return d, nil
	}
	if err, ok := r.failed[name]; ok {
		return nil, err
	}
	if slices.Contains(r.opening, name) {
		return nil, fmt.Errorf("the key derives from itself: %s", strings.Join(append(r.opening, name), " → "))
	}
	r.opening = append(r.opening, name)
	d, err := r.read(name, r.refs[name])
	r.opening = r.opening[:len(r.opening)-1]
	if err != nil {
		r.failed[name] = err
		return nil, err
	}
	r.keys[name] = d
	return d, nil
}

func (r *ring) read(name string, ref engine.SecretRef) (*scalar, error) {
	switch {
	case count(ref.Env != "", ref.File != "", ref.Credential != "", ref.Bunker != nil, ref.Derive != "") != 1:
		return nil, errors.New("say where the key is: one of env, file, credential, bunker or derive")
	case ref.Bunker != nil:
		return nil, errors.New("remote signers (bunker) are not supported yet; use env, file or credential")
	case ref.Derive != "":
		return r.child(ref)
	}
	secret, err := r.secret(name, ref)
	if err != nil {
		return nil, err
	}
	if !isLocked(secret.Reveal()) {
		if ref.Passphrase != nil {
			r.warn(name, "the key is not locked; its passphrase is not used")
		}
		return parse(secret.Reveal())
	}
	if ref.Passphrase == nil {
		return nil, errLocked
	}
	passphrase, err := r.secret(name, *ref.Passphrase)
	if err != nil {
		return nil, fmt.Errorf("the passphrase: %w", err)
	}
	return unlock(secret.Reveal(), passphrase.Reveal())
}

func (r *ring) child(ref engine.SecretRef) (*scalar, error) {
	if ref.Path == "" {
		return nil, errors.New("derive needs a path, which tells this key from other children; write path: some-name")
	}
	if _, ok := r.refs[ref.Derive]; !ok {
		if looksSecret(ref.Derive) {
			return nil, errors.New("derive takes the name of another identity, not a key")
		}
		return nil, fmt.Errorf("derive: there is no identity %q", ref.Derive)
	}
	parent, err := r.open(ref.Derive)
	if err != nil {
		return nil, fmt.Errorf("derive from %s: %w", ref.Derive, err)
	}
	return derive(parent, ref.Path)
}

func (r *ring) secret(name string, ref engine.SecretRef) (engine.Secret, error) {
	secret, warnings, err := ReadSecret(ref, r.opts)
	for _, w := range warnings {
		r.warn(name, w)
	}
	return secret, err
}

func (r *ring) warn(name, text string) {
	r.warnings = append(r.warnings, fmt.Sprintf("identity %s: %s", name, text))
}

// isLocked recognises a ncryptsec.
func isLocked(text string) bool {
	return len(text) > len(prefixLocked) && strings.EqualFold(text[:len(prefixLocked)+1], prefixLocked+"1")
}
