package key_test

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"

	"rhea/engine"
	"rhea/engine/key"
)

type nip49 struct {
	Ncryptsec, Password string
	SecretHex           string `json:"secret_hex"`
	NFKC                struct {
		Input  []string `json:"input_codepoints"`
		Output []string `json:"output_codepoints"`
	}
}

func readNIP49(t *testing.T) (v nip49) {
	t.Helper()
	raw, err := os.ReadFile("testdata/nip49.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestDecryptVector(t *testing.T) {
	t.Parallel()
	v := readNIP49(t)
	want, err := key.ParseSecret(v.SecretHex)
	if err != nil {
		t.Fatal(err)
	}
	got, err := key.Decrypt(v.Ncryptsec, engine.NewSecret(v.Password))
	if err != nil || got.Reveal() != want.Reveal() {
		t.Errorf("Decrypt: %v; the key is %v", err, got.Reveal() == want.Reveal())
	}
	_, err = key.Decrypt(v.Ncryptsec, engine.NewSecret("no"))
	if err == nil || !strings.Contains(err.Error(), "does not open") {
		t.Errorf("a wrong passphrase: %v", err)
	}
}

func TestEncryptNormalizesThePassphrase(t *testing.T) {
	t.Parallel()
	v := readNIP49(t)
	text := func(codepoints []string) engine.Secret {
		var b strings.Builder
		for _, c := range codepoints {
			n, err := strconv.ParseUint(c, 16, 32)
			if err != nil {
				t.Fatal(err)
			}
			b.WriteRune(rune(n))
		}
		return engine.NewSecret(b.String())
	}
	first, err := key.Encrypt(engine.NewSecret(nsec), text(v.NFKC.Input))
	if err != nil {
		t.Fatal(err)
	}
	got, err := key.Decrypt(first, text(v.NFKC.Output))
	if err != nil || got.Reveal() != nsec {
		t.Errorf("Decrypt with the normalized passphrase: %v", err)
	}
	second, err := key.Encrypt(engine.NewSecret(secret), text(v.NFKC.Input))
	if err != nil || first == second {
		t.Errorf("the same key is locked the same way twice: %v", err)
	}
}

func TestEncryptRefuses(t *testing.T) {
	t.Parallel()
	if _, err := key.Encrypt(engine.NewSecret(nsec), engine.Secret{}); err == nil {
		t.Error("an empty passphrase was taken")
	}
	_, err := key.Encrypt(engine.NewSecret(nsec[:30]), engine.NewSecret("x"))
	checkHidden(t, err)
}

func TestOpenLockedKey(t *testing.T) {
	t.Parallel()
	dir := write(t, "bot.ncryptsec", locked+"\n", 0o600)
	env := environment("PASS", "nostr\n", "WRONG", "no", "KEY", nsec)
	open := func(ref engine.SecretRef) ([]string, error) {
		_, warnings, err := key.OpenAll(map[string]engine.SecretRef{"it": ref}, key.Options{Dir: dir, LookupEnv: env})
		return warnings, err
	}
	if _, err := open(engine.SecretRef{File: "bot.ncryptsec", Passphrase: &engine.SecretRef{Env: "PASS"}}); err != nil {
		t.Error(err)
	}
	if _, err := open(engine.SecretRef{File: "bot.ncryptsec", Passphrase: &engine.SecretRef{Env: "WRONG"}}); err == nil {
		t.Error("a wrong passphrase opens the key")
	}
	warnings, err := open(engine.SecretRef{Env: "KEY", Passphrase: &engine.SecretRef{Env: "PASS"}})
	if err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], "not locked") {
		t.Errorf("a passphrase for an open key: warnings %q, %v", warnings, err)
	}
}

func FuzzDecryptForm(f *testing.F) {
	f.Add(strings.Replace(locked, "q", "p", 1))
	f.Add("ncryptsec1")
	f.Add(nsec)
	f.Fuzz(func(t *testing.T, s string) {
		// A text that is a locked key costs 64 MiB or more to try.
		if s == locked {
			return
		}
		if _, err := key.Decrypt(s, engine.NewSecret("x")); err == nil {
			t.Errorf("%q was opened", s)
		}
	})
}
