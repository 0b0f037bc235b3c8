package expression_test

import (
	"strings"
	"testing"

	"rhea/engine/expression"
)

func TestMethodsWithoutOneResultAreHidden(t *testing.T) {
	t.Parallel()
	for _, n := range expression.Names(compilerType()) {
		for _, hidden := range []string{"pair", "rest", "both"} {
			if strings.HasSuffix(n.Path, hidden) {
				t.Errorf("%s is offered", n.Path)
			}
		}
	}
	for _, source := range []string{"${{ pair }}", "${{ Pair() }}", "${{ Pair }}", "${{ rest }}", "${{ Rest() }}", "${{ event.both }}", "${{ event.Both() }}"} {
		if got, err := evalText(t, source); err == nil {
			t.Errorf("%s gives %q", source, got)
		}
	}
}
