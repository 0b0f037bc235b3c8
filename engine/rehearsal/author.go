package rehearsal

import (
	"fmt"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/reference"
)

// Who writes the events of a test.
const (
	stranger = "stranger"
	self     = "self"
)

// author sets who wrote the event and returns the signer, nil for people whose keys the test does not have. Without a
// name it sets no author.
func (r *runner) author(e *nostr.Event, name string) (engine.Signer, error) {
	if name == "" {
		return nil, nil
	}
	signer, err := r.signer(name)
	if err != nil {
		return nil, err
	}
	if signer != nil {
		e.PubKey = signer.PublicKey()
		return signer, nil
	}
	if e.PubKey, err = reference.PublicKey(name); err != nil {
		return nil, fmt.Errorf("from: %w", err)
	}
	return nil, nil
}

func (r *runner) signer(name string) (engine.Signer, error) {
	if name == self {
		return r.identities[r.rule.Identity].Signer, nil
	}
	if _, err := reference.PublicKey(name); err == nil {
		return nil, nil
	}
	return fakeSigner(name)
}
