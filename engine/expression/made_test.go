package expression_test

import (
	"reflect"
	"strings"
	"testing"

	"rhea/engine/expression"
)

// TestBytesAreCounted: what an expression makes on its way counts, wherever it is made and though it is dropped.
func TestBytesAreCounted(t *testing.T) {
	t.Parallel()
	// 8.3 of the 8.4 million bytes are spent, then one more text of 100,000 is made.
	const spend = `let long = repeat("a", 100000); let spent = len(map(1..82, repeat("a", 100000))); spent + len(`
	for _, last := range []string{
		`repeat("a", 100000)`, `long + "a"`, `upper(long)`, `join([long, "b"])`, `replace(long, "b", "c")`, `json(long)`,
		`format(now, long)`, `toBase64(long)`, `truncate(long, 100000)`, `sanitize(long)`, `text(long)`, `url_encode(long)`,
		`string(long)`, `filter([1], len(lower(long)) > 0)`,
	} {
		_, err := evaluateWith(t, spend+last+")")
		if err == nil || !strings.Contains(err.Error(), "made on the way are larger than 8 MiB") {
			t.Errorf("%s: %v", last, err)
		}
	}
	if _, err := evaluateWith(t, spend+"long)"); err != nil {
		t.Errorf("what fits: %v", err)
	}
	if _, err := evaluateWith(t, `len(map(1..9999, repeat("a", 1000000)))`); err == nil || !strings.Contains(err.Error(), "larger than 8 MiB") {
		t.Errorf("a list of texts: %v", err)
	}
	for _, source := range []string{`len(map(1..1000, string(#)))`, `len(repeat("a", 1000000))`} {
		for range 20 { // Each evaluation has its own budget.
			if _, err := evaluateWith(t, source); err != nil {
				t.Errorf("%s: %v", source, err)
			}
		}
	}
}

func evaluateWith(t *testing.T, source string) (any, error) {
	t.Helper()
	c, err := expression.New(reflect.TypeFor[*heard]())
	if err != nil {
		t.Fatal(err)
	}
	return c.Evaluate(source, &heard{})
}
