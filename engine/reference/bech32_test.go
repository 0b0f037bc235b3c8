package reference

import (
	"bytes"
	"strings"
	"testing"
)

// BIP 173's own examples whose prefix is a word.
func TestBech32Vectors(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"A12UEL5L",
		"a12uel5l",
		"abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
		"split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
	} {
		prefix, data, err := decode(s)
		if err != nil {
			t.Errorf("decode(%q): %v", s, err)
			continue
		}
		again, err := encode(prefix, data)
		if err != nil || again != strings.ToLower(s) {
			t.Errorf("encode(decode(%q)) = %q, %v", s, again, err)
		}
	}
	for _, s := range []string{
		"", "1", "1nwldj5", "A1G7SGD8", "10a06t8", "1qzzfhee", "li1dgmt3", "x1b4n0q5v", "pzry9x0s0muk",
		"de1lg7wt\xff", "A12uEL5L", "a12uel5\u212a", "a12uel5q", "an84characterslonghumanreadablepart",
	} {
		if prefix, data, err := decode(s); err == nil {
			t.Errorf("decode(%q) = %q, %x; want an error", s, prefix, data)
		}
	}
}

func TestBech32Length(t *testing.T) {
	t.Parallel()
	if _, err := encode("nprofile", make([]byte, 3200)); err == nil {
		t.Error("encode accepted more than 5000 characters")
	}
	long, err := encode("nprofile", make([]byte, 3000))
	if err != nil {
		t.Fatal(err)
	}
	if _, data, err := decode(long); err != nil || !bytes.Equal(data, make([]byte, 3000)) {
		t.Errorf("a long name does not survive: %v", err)
	}
}

func FuzzBech32(f *testing.F) {
	f.Add([]byte("hello"))
	f.Add([]byte{})
	f.Add(make([]byte, 32))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := encode("note", data)
		if err != nil {
			return
		}
		prefix, again, err := decode(s)
		if err != nil || prefix != "note" || !bytes.Equal(data, again) {
			t.Errorf("decode(encode(%x)) = %q, %x, %v", data, prefix, again, err)
		}
	})
}
