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
