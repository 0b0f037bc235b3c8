package key_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/btcsuite/btcd/btcec/v2/schnorr"
	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/key"
)

const (
	nsec   = "nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5"
	secret = "67dea2ed018072d675f5415ecfaed7d2597555e202d85b3d65ea4e58d2d92ffa"
	npub   = "npub10elfcs4fr0l0r8af98jlmgdh9c8tcxjvz9qkw038js35mp4dma8qzvjptg"
	pubkey = "7e7e9c42a91bfef19fa929e5fda1b72e0ebc1a4c1141673e2794234d86addf4e"
)

func newSigner(t testing.TB) *key.Signer {
	t.Helper()
	s, err := key.NewSigner(engine.NewSecret(nsec))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// serialize is NIP-01's form of an event, written with nothing but encoding/json.
func serialize(t *testing.T, e nostr.Event) []byte {
	t.Helper()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode([]any{0, e.PubKey, e.CreatedAt, e.Kind, e.Tags, e.Content}); err != nil {
		t.Fatal(err)
	}
	body := bytes.TrimSuffix(out.Bytes(), []byte("\n"))
	// The only two characters beyond NIP-01 that encoding/json escapes.
	body = bytes.ReplaceAll(body, []byte(`\u2028`), []byte("\u2028"))
	return bytes.ReplaceAll(body, []byte(`\u2029`), []byte("\u2029"))
}

func verify(t *testing.T, e nostr.Event) {
	t.Helper()
	hash := sha256.Sum256(serialize(t, e))
	if e.ID != hex.EncodeToString(hash[:]) || e.ID != e.GetID() {
		t.Errorf("%q: id %s, computed anew %x and %s", e.Content, e.ID, hash, e.GetID())
	}
	public, err := hex.DecodeString(e.PubKey)
	if err != nil {
		t.Fatal(err)
	}
	point, err := schnorr.ParsePubKey(public)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := hex.DecodeString(e.Sig)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := schnorr.ParseSignature(raw)
	if err != nil || !signature.Verify(hash[:], point) {
		t.Errorf("%q: the signature does not hold: %v", e.Content, err)
	}
}

func TestSerialization(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/nip01_serialization.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		Pubkey    string
		CreatedAt nostr.Timestamp `json:"created_at"`
		Kind      int
		Cases     []struct {
			Name, Content, ID string
			Tags              nostr.Tags
		}
	}
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	s := newSigner(t)
	for _, c := range vectors.Cases {
		e := nostr.Event{PubKey: vectors.Pubkey, CreatedAt: vectors.CreatedAt, Kind: vectors.Kind, Tags: c.Tags, Content: c.Content}
		hash := sha256.Sum256(serialize(t, e))
		if got := hex.EncodeToString(hash[:]); got != c.ID || e.GetID() != c.ID {
			t.Errorf("%s: ids %s and %s, want %s", c.Name, got, e.GetID(), c.ID)
		}
		if err := s.Sign(t.Context(), &e); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
		verify(t, e)
	}
}

func TestSign(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	if s.PublicKey() != pubkey {
		t.Errorf("PublicKey = %s", s.PublicKey())
	}
	e := nostr.Event{ID: "x", PubKey: "x", Sig: "x", CreatedAt: 1700000000, Kind: 1, Content: "hello"}
	if err := s.Sign(t.Context(), &e); err != nil {
		t.Fatal(err)
	}
	verify(t, e)
	if e.PubKey != pubkey || e.Tags == nil {
		t.Errorf("signed %+v", e)
	}
	if ok, err := e.CheckSignature(); !ok || !e.CheckID() {
		t.Errorf("go-nostr refuses the event: %v", err)
	}
}

func TestSignRefusesBadShapes(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	for name, e := range map[string]nostr.Event{
		"kind below":      {Kind: -1},
		"kind above":      {Kind: 65536},
		"content":         {Kind: 1, Content: "a\xff"},
		"empty tag":       {Kind: 1, Tags: nostr.Tags{{"t", "x"}, {}}},
		"tag of no UTF-8": {Kind: 1, Tags: nostr.Tags{{"t", "\xff"}}},
	} {
		before := fmt.Sprintf("%#v", e)
		if err := s.Sign(t.Context(), &e); err == nil {
			t.Errorf("%s: signed", name)
		}
		if after := fmt.Sprintf("%#v", e); after != before {
			t.Errorf("%s: the event was changed to %s", name, after)
		}
	}
}

func TestSignConcurrently(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	var wait sync.WaitGroup
	events := make([]nostr.Event, 32)
	for i := range events {
		events[i] = nostr.Event{Kind: 1, Content: fmt.Sprint("note ", i)}
		wait.Go(func() {
			if err := s.Sign(t.Context(), &events[i]); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	for _, e := range events {
		verify(t, e)
	}
}

func TestSignerShowsNoKey(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "signer", s, "value", *s)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "signer", s, "value", *s)
	encoded, err := json.Marshal([]any{s, *s})
	if err != nil {
		t.Fatal(err)
	}
	shown := log.String() + string(encoded)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		shown += fmt.Sprintf(verb, s) + fmt.Sprintf(verb, *s)
	}
	raw, _ := hex.DecodeString(secret)
	for _, form := range []string{secret, nsec, fmt.Sprint(raw), strings.Trim(fmt.Sprint(raw[:8]), "[]")} {
		if strings.Contains(strings.ToLower(shown), form) {
			t.Errorf("the key is shown as %.12s…", form)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	s := newSigner(b)
	e := nostr.Event{CreatedAt: 1700000000, Kind: 1, Content: strings.Repeat("hello ", 20), Tags: nostr.Tags{{"t", "hello"}}}
	b.Run("signer", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := s.Sign(b.Context(), &e); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("baseline go-nostr", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := e.Sign(secret); err != nil {
				b.Fatal(err)
			}
		}
	})
}

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
