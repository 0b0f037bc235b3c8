package key

import (
	"encoding/hex"
	"strings"
	"testing"
)

// The children of a key are published identities: these values must never change.
func TestDeriveIsForEver(t *testing.T) {
	t.Parallel()
	parent, err := parse(strings.Repeat("0", 63) + "1")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"helper": "fb6a77ffc7e2860197ffb240a54210420466eec4fb5c13fc64c01cd95edb6874",
		"1":      "fbe81be1e61d8b4130139820c658e26489afd371842d24fca58afd466c37035d",
		"été/日本": "02f95ed536ac3452a717ca5491b61be86656a6b88cca97d2a22664c89519b992",
	} {
		child, err := derive(parent, path)
		if err != nil {
			t.Fatal(err)
		}
		data := child.Bytes()
		if got := hex.EncodeToString(data[:]); got != want {
			t.Errorf("derive(%q) = %s, want %s", path, got, want)
		}
	}
}

// A crafted file must not make us allocate what it asks for.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	for _, n := range []byte{0, maxLogN + 1, 63, 64, 255} {
		data := make([]byte, lockedLength)
		data[0], data[1] = lockVersion, n
		if _, err := unlock(encode(prefixLocked, data), "x"); err == nil || !strings.Contains(err.Error(), "memory") {
			t.Errorf("log_n %d: %v", n, err)
		}
	}
	for _, length := range []int{0, 1, 2, pastAt, lockedLength - 1, lockedLength + 1} {
		data := make([]byte, length)
		if length > 1 {
			data[0], data[1] = lockVersion, 1
		}
		if _, err := unlock(encode(prefixLocked, data), "x"); err == nil {
			t.Errorf("a locked key of %d bytes was opened", length)
		}
	}
}
