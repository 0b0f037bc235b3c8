package engine_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"rhea/engine"
)

func TestSecretIsNeverShown(t *testing.T) {
	t.Parallel()
	const marker = "nsec1marker"
	s := engine.NewSecret(marker)
	type holder struct{ Key engine.Secret }
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+verb+verb+"\n", s, &s, holder{s})
	}
	log := slog.New(slog.NewJSONHandler(&out, nil))
	log.Info("dump", "secret", s, "holder", holder{s})
	if err := json.NewEncoder(&out).Encode(holder{s}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "marker") {
		t.Errorf("the secret was shown:\n%s", out.String())
	}
	if s.Reveal() != marker {
		t.Error("Reveal does not give the secret")
	}
}
