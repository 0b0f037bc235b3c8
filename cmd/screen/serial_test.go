package screen_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	"rhea/cmd/screen"
)

// TestSerial writes from many goroutines: every line comes whole.
func TestSerial(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := &screen.Serial{Out: &out}
	var writing sync.WaitGroup
	for range 50 {
		writing.Go(func() { fmt.Fprintln(w, strings.Repeat("a", 100)) })
	}
	writing.Wait()
	if got, want := out.String(), strings.Repeat(strings.Repeat("a", 100)+"\n", 50); got != want {
		t.Errorf("%d bytes, want %d, in whole lines", len(got), len(want))
	}
}
