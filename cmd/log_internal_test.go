package cmd

import (
	"strings"
	"testing"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/key"
)

// TestLogKeepsSecrets logs a key that strangers and one that the bot may know, in every place of a line.
func TestLogKeepsSecrets(t *testing.T) {
	t.Parallel()
	const loaded = "00000000000000000000000000000000000000000000000000000000deadbeef"
	const pasted = "nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5"
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			a := newApp(Streams{Out: &out, Err: &out, LookupEnv: func(string) (string, bool) { return "", false }}, engine.Kinds{})
			a.logFormat, a.logLevel = format, "info"
			secret, err := key.ParseSecret(loaded)
			if err != nil {
				t.Fatal(err)
			}
			signer, err := key.NewSigner(secret)
			if err != nil {
				t.Fatal(err)
			}
			a.secrets.Know(signer)
			log, err := a.logger()
			if err != nil {
				t.Fatal(err)
			}
			log.Info("said "+loaded, "text", pasted, "list", []string{loaded}, pasted, "x", "event", nostr.Event{Content: loaded})
			if s := out.String(); strings.Contains(s, loaded) || strings.Contains(s, pasted) || !strings.Contains(s, "said") {
				t.Errorf("logged: %s", s)
			}
		})
	}
}
