package key

import (
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/btcec/v2/schnorr"
	"github.com/nbd-wtf/go-nostr"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	data, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// The vectors of BIP 340 that have a secret key say what we must write; those without say what a reader refuses.
func TestBIP340(t *testing.T) {
	t.Parallel()
	file, err := os.Open("testdata/bip340-test-vectors.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	signed := 0
	for _, row := range rows[1:] {
		message := unhex(t, row[4])
		if row[1] == "" || len(message) != 32 {
			continue
		}
		d, err := toScalar(unhex(t, row[1]))
		if err != nil {
			t.Fatal(err)
		}
		even, x := publicKey(d)
		if got := strings.ToUpper(hex.EncodeToString(x[:])); got != row[2] {
			t.Errorf("vector %s: public key %s, want %s", row[0], got, row[2])
		}
		signature, err := signWith(&even, x, [32]byte(message), [32]byte(unhex(t, row[3])))
		if got := strings.ToUpper(hex.EncodeToString(signature[:])); err != nil || got != row[5] {
			t.Errorf("vector %s: signature %s, %v, want %s", row[0], got, err, row[5])
		}
		signed++
	}
	if signed < 4 {
		t.Errorf("only %d vectors were signed", signed)
	}
}

func TestInteroperableSignatures(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/interop_nip01.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name, Privkey, Pubkey string
		Event                 nostr.Event
		Expected              struct{ ID, Sig string }
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		d, err := parse(c.Privkey)
		if err != nil {
			t.Fatal(err)
		}
		even, x := publicKey(d)
		id := unhex(t, c.Event.GetID())
		if got := hex.EncodeToString(id); got != c.Expected.ID {
			t.Errorf("%s: id %s, want %s", c.Name, got, c.Expected.ID)
		}
		// Any nonce makes a valid signature, so theirs is verified instead of repeated.
		if !holds(t, x[:], id, unhex(t, c.Expected.Sig)) {
			t.Errorf("%s: their signature does not hold", c.Name)
		}
		signature, err := signWith(&even, x, [32]byte(id), [32]byte{})
		if err != nil || !holds(t, x[:], id, signature[:]) {
			t.Errorf("%s: our signature does not hold: %v", c.Name, err)
		}
		if hex.EncodeToString(x[:]) != c.Pubkey {
			t.Errorf("%s: public key %x, want %s", c.Name, x, c.Pubkey)
		}
	}
}

// holds verifies with another implementation than the one that signs.
func holds(t *testing.T, public, hash, signature []byte) bool {
	t.Helper()
	point, err := schnorr.ParsePubKey(public)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := schnorr.ParseSignature(signature)
	return err == nil && parsed.Verify(hash, point)
}

// FuzzSchnorr lets another implementation verify what ours signs.
func FuzzSchnorr(f *testing.F) {
	f.Add([]byte("a key of thirty-two bytes, or so"), []byte("a hash"))
	f.Fuzz(func(t *testing.T, secret, message []byte) {
		if len(secret) != 32 {
			return
		}
		d, err := toScalar(secret)
		if err != nil {
			return
		}
		var hash [32]byte
		copy(hash[:], message)
		sign, x := newSchnorr(d)
		signature, err := sign(hash)
		if err != nil {
			t.Fatal(err)
		}
		if !holds(t, x[:], hash[:], signature[:]) {
			t.Errorf("the signature of %x by %x does not hold", hash, secret)
		}
	})
}
