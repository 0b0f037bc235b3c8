//go:build !libsecp256k1

package relay

import (
	"encoding/csv"
	"encoding/hex"
	"os"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcec/v2/schnorr"
	"github.com/nbd-wtf/go-nostr"

	"rhea/engine/relay/wire"
)

func TestSignaturesOfBIP340(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/bip340-test-vectors.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, row := range rows[1:] {
		message, err := hex.DecodeString(row[4])
		if err != nil {
			t.Fatal(err)
		}
		if len(message) != 32 {
			continue // An event's id has 32 bytes.
		}
		signature, err := hex.DecodeString(row[5])
		if err != nil {
			t.Fatal(err)
		}
		checked++
		p := newAuthors().point(row[2])
		got := p != nil && verify(p, [32]byte(message), [64]byte(signature))
		if want := row[6] == "TRUE"; got != want {
			t.Errorf("vector %s (%s): %v, want %v", row[0], row[7], got, want)
		}
	}
	if checked < 15 {
		t.Errorf("%d vectors, want 15", checked)
	}
}

// FuzzVerify compares our judgement with that of btcec.
func FuzzVerify(f *testing.F) {
	e := nostr.Event{Kind: 1, Tags: nostr.Tags{}}
	if err := e.Sign("0000000000000000000000000000000000000000000000000000000000000003"); err != nil {
		f.Fatal(err)
	}
	pubkey, _ := hex.DecodeString(e.PubKey)
	id, _ := hex.DecodeString(e.ID)
	sig, _ := hex.DecodeString(e.Sig)
	f.Add(pubkey, id, sig)
	f.Add(pubkey, sig[:32], sig)
	f.Add(id, id, sig)
	f.Fuzz(func(t *testing.T, pubkey, id, sig []byte) {
		if len(pubkey) != 32 || len(id) != 32 || len(sig) != 64 {
			return
		}
		p := newAuthors().point(hex.EncodeToString(pubkey))
		key, err := schnorr.ParsePubKey(pubkey)
		if (p == nil) != (err != nil) {
			t.Fatalf("%x: a key is %v, want %v", pubkey, p, err)
		}
		if p == nil {
			return
		}
		want := false
		if s, err := schnorr.ParseSignature(sig); err == nil {
			want = s.Verify(id, key)
		}
		if got := verify(p, [32]byte(id), [64]byte(sig)); got != want {
			t.Fatalf("%x %x %x: %v, want %v", pubkey, id, sig, got, want)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	e := nostr.Event{Kind: 1, Tags: nostr.Tags{}}
	if err := e.Sign("0000000000000000000000000000000000000000000000000000000000000003"); err != nil {
		b.Fatal(err)
	}
	var key wire.CopyKey
	wire.Unhex(key.ID[:], []byte(e.ID))
	wire.Unhex(key.Sig[:], []byte(e.Sig))
	known := newAuthors()
	b.Run("known author", func(b *testing.B) {
		for b.Loop() {
			if !known.signed(&e, key) {
				b.Fatal("not signed")
			}
		}
	})
	b.Run("new author", func(b *testing.B) {
		for b.Loop() {
			if !newAuthors().signed(&e, key) {
				b.Fatal("not signed")
			}
		}
	})
	b.Run("baseline go-nostr", func(b *testing.B) {
		best := time.Hour // However busy the machine is, one is not interrupted: that tells how fast it is.
		for b.Loop() {
			began := time.Now()
			if ok, err := e.CheckSignature(); err != nil || !ok {
				b.Fatal("not signed")
			}
			best = min(best, time.Since(began))
		}
		b.ReportMetric(float64(best.Nanoseconds())/1000, "best-µs")
	})
}
