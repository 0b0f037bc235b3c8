package key_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"rhea/engine"
	"rhea/engine/key"
)

// write makes a file in a new folder and returns the folder.
func write(t *testing.T, name, content string, mode os.FileMode) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	// The umask may have taken permissions away.
	if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
		t.Fatal(err)
	}
	return dir
}

func environment(pairs ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

func TestOpenAll(t *testing.T) {
	t.Parallel()
	dir := write(t, "bot.key", "  "+secret+"\n", 0o600)
	credentials := write(t, "bot", nsec+"\n", 0o600)
	refs := map[string]engine.SecretRef{
		"env":        {Env: "KEY"},
		"upper":      {Env: "UPPER"},
		"file":       {File: "bot.key"},
		"absolute":   {File: filepath.Join(dir, "bot.key")},
		"credential": {Credential: "bot"},
		"child":      {Derive: "grandparent", Path: "a"},
		"sibling":    {Derive: "grandparent", Path: "b"},
		"twin":       {Derive: "grandparent", Path: "a"},
		// Comes after its child in the alphabet.
		"grandparent": {Derive: "env", Path: "a"},
	}
	signers, warnings, err := key.OpenAll(refs, key.Options{
		Dir: dir, LookupEnv: environment("KEY", nsec, "UPPER", strings.ToUpper(secret), "CREDENTIALS_DIRECTORY", credentials),
	})
	if err != nil || len(warnings) > 0 || len(signers) != len(refs) {
		t.Fatalf("%d signers, warnings %q, %v", len(signers), warnings, err)
	}
	for _, name := range []string{"env", "upper", "file", "absolute", "credential"} {
		if got := signers[name].PublicKey(); got != pubkey {
			t.Errorf("%s: public key %s", name, got)
		}
	}
	of := func(name string) string { return signers[name].PublicKey() }
	if of("child") == of("sibling") || of("child") == of("grandparent") || of("child") != of("twin") || of("grandparent") == pubkey {
		t.Errorf("children: %s %s %s %s", of("child"), of("sibling"), of("twin"), of("grandparent"))
	}
}

func TestReadableFileIsAWarning(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		return // It has no such permissions.
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o644} {
		dir := write(t, "bot.key", nsec, mode)
		_, warnings, err := key.OpenAll(map[string]engine.SecretRef{"main": {File: "bot.key"}}, key.Options{Dir: dir})
		if err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], "chmod 600") || !strings.Contains(warnings[0], "main") {
			t.Errorf("mode %o: warnings %q, %v", mode, warnings, err)
		}
	}
}

// marker is part of every secret below; no error may show it.
const marker = "vl029mgpspedva04g90vltkh6"

func TestErrorsTeachAndShowNoKey(t *testing.T) {
	t.Parallel()
	mistyped := nsec[:len(nsec)-1] + "q"
	dir := write(t, "mistyped", mistyped, 0o600)
	if err := os.WriteFile(filepath.Join(dir, "empty"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "large"), []byte(strings.Repeat(nsec, 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	env := environment("MISTYPED", mistyped, "SHORT", nsec[:40], "LONG", nsec+nsec, "MIXED", strings.ToUpper(nsec[:20])+nsec[20:],
		"PUBLIC", npub, "ZERO", strings.Repeat("0", 64), "LARGE", strings.Repeat("f", 64), "NOHEX", strings.Repeat("g", 64),
		"EMPTY", " ", "SECRET_HEX", secret[:63], "LOCKED", locked, "CREDENTIALS_DIRECTORY", dir)
	tests := []struct {
		name string
		ref  engine.SecretRef
		want string
	}{
		{"mistyped", engine.SecretRef{Env: "MISTYPED"}, "the checksum of this nsec1… does not fit"},
		{"short", engine.SecretRef{Env: "SHORT"}, "not a secret key"},
		{"long", engine.SecretRef{Env: "LONG"}, "not a secret key"},
		{"mixed case", engine.SecretRef{Env: "MIXED"}, "not a secret key"},
		{"short hex", engine.SecretRef{Env: "SECRET_HEX"}, "not a secret key"},
		{"no hex", engine.SecretRef{Env: "NOHEX"}, "not a secret key"},
		{"public key", engine.SecretRef{Env: "PUBLIC"}, "public key"},
		{"zero", engine.SecretRef{Env: "ZERO"}, "zero or too large"},
		{"too large", engine.SecretRef{Env: "LARGE"}, "zero or too large"},
		{"not set", engine.SecretRef{Env: "NONE"}, "NONE is not set"},
		{"empty", engine.SecretRef{Env: "EMPTY"}, "is empty"},
		{"key for a name", engine.SecretRef{Env: nsec}, "name of a variable"},
		{"hex for a name", engine.SecretRef{Env: secret}, "name of a variable"},
		{"key for a path", engine.SecretRef{File: nsec}, "path of a file"},
		{"key for a credential", engine.SecretRef{Credential: mistyped}, "name of a credential"},
		{"key for an identity", engine.SecretRef{Derive: nsec, Path: "x"}, "name of another identity"},
		{"no file", engine.SecretRef{File: "none"}, "none"},
		{"folder", engine.SecretRef{File: "."}, "directory"},
		{"empty file", engine.SecretRef{File: "empty"}, "is empty"},
		{"large file", engine.SecretRef{File: "large"}, "larger than"},
		{"mistyped in a file", engine.SecretRef{File: "mistyped"}, "not a secret key"},
		{"credential outside", engine.SecretRef{Credential: "../mistyped"}, "not the name of a credential"},
		{"mistyped in a credential", engine.SecretRef{Credential: "mistyped"}, "not a secret key"},
		{"nothing", engine.SecretRef{}, "one of env, file"},
		{"two places", engine.SecretRef{Env: "A", File: "b"}, "one of env, file"},
		{"bunker", engine.SecretRef{Bunker: &engine.SecretRef{Env: "B"}}, "not supported yet"},
		{"derive without a path", engine.SecretRef{Derive: "it"}, "needs a path"},
		{"derive from nobody", engine.SecretRef{Derive: "nobody", Path: "x"}, `no identity "nobody"`},
		{"derive from itself", engine.SecretRef{Derive: "it", Path: "x"}, "it → it"},
		{"locked without a passphrase", engine.SecretRef{Env: "LOCKED"}, "locked"},
		{"passphrase not set", engine.SecretRef{Env: "LOCKED", Passphrase: &engine.SecretRef{Env: "NONE"}}, "the passphrase: "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, _, err := key.OpenAll(map[string]engine.SecretRef{"it": test.ref}, key.Options{Dir: dir, LookupEnv: env})
			var k *key.Error
			if err == nil || !errors.As(err, &k) || k.Identity != "it" || !strings.Contains(k.Err.Error(), test.want) {
				t.Fatalf("got %v, want %q", err, test.want)
			}
			checkHidden(t, err)
		})
	}
	for _, s := range []string{mistyped, nsec + "x", nsec[:50], secret + "0", secret[:63] + "g"} {
		_, err := key.ParseSecret(s)
		checkHidden(t, err)
		_, err = key.NewSigner(engine.NewSecret(s))
		checkHidden(t, err)
		_, err = key.Npub(engine.NewSecret(s))
		checkHidden(t, err)
	}
}

func checkHidden(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		t.Error("no error")
		return
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Error("x", "error", err)
	shown := strings.ToLower(fmt.Sprintf("%v %+v %#v %q", err, err, err, err) + log.String())
	for _, form := range []string{marker, secret[:16], "gggggggg", "ffffffffffffffff"} {
		if strings.Contains(shown, form) {
			t.Errorf("the error shows the key: %.40s…", shown)
		}
	}
}

func TestOneBadKeySpoilsNoOther(t *testing.T) {
	t.Parallel()
	_, _, err := key.OpenAll(map[string]engine.SecretRef{
		"good": {Env: "KEY"}, "bad": {Env: "NONE"}, "worse": {Derive: "bad", Path: "x"}, "a": {Derive: "b", Path: "x"}, "b": {Derive: "a", Path: "x"},
	}, key.Options{LookupEnv: environment("KEY", nsec)})
	many, ok := err.(interface{ Unwrap() []error })
	if !ok || len(many.Unwrap()) != 4 || strings.Contains(err.Error(), "good") {
		t.Errorf("errors: %v", err)
	}
}

func TestReadSecret(t *testing.T) {
	t.Parallel()
	got, _, err := key.ReadSecret(engine.SecretRef{Env: "TOKEN"}, key.Options{LookupEnv: environment("TOKEN", " abc \n")})
	if err != nil || got.Reveal() != "abc" {
		t.Errorf("ReadSecret = %q, %v", got.Reveal(), err)
	}
	if _, _, err := key.ReadSecret(engine.SecretRef{Derive: "x"}, key.Options{}); err == nil {
		t.Error("a secret was derived")
	}
	if _, _, err := key.ReadSecret(engine.SecretRef{Env: "TOKEN"}, key.Options{}); err == nil {
		t.Error("a secret out of no environment")
	}
}

func TestGenerateAndParse(t *testing.T) {
	t.Parallel()
	generated, name := key.Generate()
	if again, err := key.Npub(generated); err != nil || again != name {
		t.Errorf("Npub = %s, %v, want %s", again, err, name)
	}
	if other, _ := key.Generate(); other.Reveal() == generated.Reveal() {
		t.Error("the same key twice")
	}
	for _, s := range []string{nsec, secret, strings.ToUpper(nsec), strings.ToUpper(secret), " " + nsec + "\n"} {
		got, err := key.ParseSecret(s)
		if err != nil || got.Reveal() != nsec {
			t.Errorf("ParseSecret(%q) = %q, %v", s, got.Reveal(), err)
		}
	}
	if got, err := key.Npub(engine.NewSecret(secret)); err != nil || got != npub {
		t.Errorf("Npub = %s, %v", got, err)
	}
}

func FuzzParseSecret(f *testing.F) {
	for _, s := range []string{nsec, secret, npub, locked, "", "1", "nsec1", strings.Repeat("f", 64)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := key.ParseSecret(s)
		if err != nil {
			return
		}
		again, err := key.ParseSecret(got.Reveal())
		if err != nil || again.Reveal() != got.Reveal() {
			t.Errorf("ParseSecret(%q) = %q, which gives %q, %v", s, got.Reveal(), again.Reveal(), err)
		}
	})
}

// locked is NIP-49's own example; its passphrase is "nostr".
const locked = "ncryptsec1qgg9947rlpvqu76pj5ecreduf9jxhselq2nae2kghhvd5g7dgjtcxfqtd67p9m0w57lspw8gsq6yphnm8623nsl8xn9j4jdzz84zm3frztj3z7s35vpzmqf6ksu8r89qk5z2zxfmu5gv8th8wclt0h4p"
