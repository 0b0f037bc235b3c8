package key

import (
	"errors"

	"rhea/engine"
)

// Options say where references lead.
type Options struct {
	// Dir is what relative paths start from.
	Dir string
	// LookupEnv looks up environment variables.
	LookupEnv func(string) (string, bool)
}

var errUnfinished = errors.New("not implemented")

// OpenAll opens the keys of all identities, by name. Warnings are for the operator: a key file that others may
// read. The error joins what is wrong with every identity.
func OpenAll(refs map[string]engine.SecretRef, o Options) (signers map[string]engine.Signer, warnings []string, err error) {
	return nil, nil, errUnfinished
}

// ReadSecret reads any secret, such as a token or a bunker address, that is not necessarily a key.
func ReadSecret(ref engine.SecretRef, o Options) (secret engine.Secret, warnings []string, err error) {
	return engine.Secret{}, nil, errUnfinished
}
