package identity_test

import (
	"testing"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/engine/identity"
	"rhea/engine/key"
	"rhea/engine/ledger/memory"
)

func mainIdentity(t *testing.T) engine.Identity {
	t.Helper()
	signer, err := key.NewSigner(engine.NewSecret(enginetest.BotKey))
	if err != nil {
		t.Fatal(err)
	}
	id, err := identity.Of("main", signer)
	if err != nil {
		t.Fatal(err)
	}
	id.FloodStop = []engine.Rate{{Count: 7}}
	return id
}

// TestBook asks who is one of us: by name, by key, below another, and after a restart.
func TestBook(t *testing.T) {
	t.Parallel()
	ledger := memory.New()
	base := mainIdentity(t)
	options := identity.Options{Configured: map[string]engine.Identity{"main": base}, Derive: identity.Derive, Origins: ledger}
	book := identity.New(options)
	child, err := book.Below("main", "https://feed.example/rss")
	if err != nil {
		t.Fatal(err)
	}
	pubkey := child.Signer.PublicKey()
	if child.Name != "main/https://feed.example/rss" || len(child.FloodStop) != 1 || pubkey == base.Signer.PublicKey() {
		t.Errorf("the derived identity is %+v", child)
	}
	if own := book.Own(); len(own) != 2 || own[0] != base.Signer.PublicKey() || own[1] != pubkey {
		t.Errorf("Own = %v", own)
	}
	if err := ledger.Advance(t.Context(), identity.Origin{Base: "main", Path: "https://feed.example/rss"}.Position(pubkey)); err != nil {
		t.Fatal(err)
	}
	again := identity.New(options)
	if id, ok, err := again.Find(t.Context(), pubkey); err != nil || !ok || id.Name != child.Name {
		t.Errorf("after a restart it is %+v, %t, %v", id, ok, err)
	}
	if s := again.Signer(t.Context(), pubkey); s == nil || s.PublicKey() != pubkey {
		t.Errorf("its signer is %v", s)
	}
	if s := again.Signer(t.Context(), enginetest.AliceKey); s != nil {
		t.Errorf("a stranger's signer is %v", s)
	}
	if got := again.Secrets().Redact("key " + enginetest.BotKey); got != "key [redacted]" {
		t.Errorf("the key is told: %s", got)
	}
}

// TestBookWithoutDerive has the configured identities only.
func TestBookWithoutDerive(t *testing.T) {
	t.Parallel()
	book := identity.New(identity.Options{Configured: map[string]engine.Identity{"main": mainIdentity(t)}})
	if _, ok := book.Named("other"); ok {
		t.Error("there is an identity that nobody configured")
	}
	for _, base := range []string{"main", "other"} {
		if id, err := book.Below(base, "path"); err == nil {
			t.Errorf("below %s there is %+v", base, id)
		}
	}
	if _, ok, err := book.Find(t.Context(), enginetest.AliceKey); ok || err != nil {
		t.Errorf("Find of a stranger = %t, %v", ok, err)
	}
}

// TestFaultOfTheLedger asks that nobody signs while it is not known who it would be.
func TestFaultOfTheLedger(t *testing.T) {
	t.Parallel()
	ledger := memory.New()
	if err := ledger.Close(); err != nil {
		t.Fatal(err)
	}
	book := identity.New(identity.Options{
		Configured: map[string]engine.Identity{"main": mainIdentity(t)}, Derive: identity.Derive, Origins: ledger,
	})
	if _, ok, err := book.Find(t.Context(), enginetest.AliceKey); ok || err == nil {
		t.Errorf("Find = %t, %v", ok, err)
	}
	if s := book.Signer(t.Context(), enginetest.AliceKey); s != nil {
		t.Errorf("signs: %v", s)
	}
}
