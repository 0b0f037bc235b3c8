//go:build unix

package key_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"rhea/engine"
	"rhea/engine/key"
)

// A pipe would keep every command waiting for somebody to write into it.
func TestKeyFileIsAPipe(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "key")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{name, "/dev/null"} {
		_, _, err := key.ReadSecret(engine.SecretRef{File: path}, key.Options{})
		if err == nil || !strings.Contains(err.Error(), path+" is a pipe or a device") {
			t.Errorf("%s: %v", path, err)
		}
	}
}
