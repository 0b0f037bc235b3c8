package relay_test

import (
	"testing"

	"rhea/engine/relay"
)

func TestNormalize(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"wss://relay.example":              "wss://relay.example",
		" WSS://Relay.Example/ ":           "wss://relay.example",
		"wss://relay.example:443":          "wss://relay.example",
		"ws://relay.example:80/":           "ws://relay.example",
		"ws://relay.example:443":           "ws://relay.example:443",
		"wss://relay.example.:0444//":      "wss://relay.example:444",
		"https://relay.example/nostr/":     "wss://relay.example/nostr",
		"http://127.0.0.1:7777":            "ws://127.0.0.1:7777",
		"ws://[::1]:80/":                   "ws://[::1]",
		"wss://[2001:DB8::1]:8443/A%2Fb/?": "wss://[2001:db8::1]:8443/A%2Fb",
		"wss://relay.example/?key=A%20b":   "wss://relay.example?key=A%20b",
	} {
		got, err := relay.Normalize(in)
		if err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", in, got, err, want)
		}
		if again, err := relay.Normalize(got); err != nil || again != got {
			t.Errorf("%q: a second time %q, %v", got, again, err)
		}
	}
}

func TestNormalizeRefuses(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"", "relay.example", "relay.example:443", "localhost:7777", "ftp://relay.example", "wss://", "wss://:443",
		"wss:relay.example", "wss://user:secret@relay.example", "wss://relay.example#x", "wss://relay.example:70000",
		"wss://relay.example:0", "wss://relay.example:x", "wss://relay example",
		"wss://relay.example/\x00", "//relay.example", "wss://[::1",
	} {
		if got, err := relay.Normalize(in); err == nil {
			t.Errorf("%q was normalised to %q", in, got)
		}
	}
}

func FuzzNormalize(f *testing.F) {
	f.Add("wss://Relay.Example:443/a/?b#c")
	f.Fuzz(func(t *testing.T, in string) {
		got, err := relay.Normalize(in)
		if err != nil {
			return
		}
		if again, err := relay.Normalize(got); err != nil || again != got {
			t.Errorf("%q became %q and then %q, %v", in, got, again, err)
		}
	})
}
