package key_test

import (
	"testing"

	"rhea/engine"
	"rhea/engine/key"
)

// TestDerive: a key derived from a signer is that of an identity with { derive, path }.
func TestDerive(t *testing.T) {
	t.Parallel()
	signers, _, err := key.OpenAll(map[string]engine.SecretRef{
		"main": {Env: "KEY"}, "paper": {Derive: "main", Path: "https://paper.example/rss"},
	}, key.Options{LookupEnv: func(string) (string, bool) { return nsec, true }})
	if err != nil {
		t.Fatal(err)
	}
	child, err := key.Derive(newSigner(t), "https://paper.example/rss")
	if err != nil || child.PublicKey() != signers["paper"].PublicKey() {
		t.Errorf("Derive = %v, %v; want %s", child, err, signers["paper"].PublicKey())
	}
	if _, err := key.Derive(newSigner(t), ""); err == nil {
		t.Error("an empty path makes a key")
	}
}
