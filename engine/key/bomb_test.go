package key

import (
	"strings"
	"testing"
)

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
