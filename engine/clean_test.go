package engine_test

import (
	"strings"
	"testing"

	"rhea/engine"
	"rhea/engine/enginetest"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ in, want string }{
		"plain":           {"hello", "hello"},
		"emoji and signs": {"<b>&\u2028👩‍🚀</b>", "<b>&\u2028👩‍🚀</b>"},
		"controls":        {"a\x00b\x07c\x7fd\u0085e", "abcde"},
		"line breaks":     {"a\r\nb\rc\n\td", "a\nb\nc\n\td"},
		"invalid utf-8":   {"caf\xe9 \xff", "caf\uFFFD \uFFFD"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := engine.Clean(tc.in); got != tc.want {
				t.Errorf("Clean(%q) = %q, want %q", tc.in, got, tc.want)
			}
		})
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"my nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5!": "my [redacted]!",
		"NCRYPTSEC1QGG9947RLPVQU76PJ5ECREDUF9JX here":                         "[redacted] here",
		"an npub1sn0wdenkukak0d9dfczzeacvhkrgz92ak56egt7vdgzn8pv2wfqqhrjdv9":  "an npub1sn0wdenkukak0d9dfczzeacvhkrgz92ak56egt7vdgzn8pv2wfqqhrjdv9",
		"1 sec1 nsec 1, 2 nsec1acqpzr":                                        "1 sec1 nsec 1, 2 [redacted]",
		"insec1qqqqqq and nSeC1qqqqqq\n1":                                     "insec1qqqqqq and [redacted]\n1",
		"KEY_nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5": "KEY_[redacted]",
		"nothing to hide": "nothing to hide",
	} {
		if got := engine.Redact(in); got != want {
			t.Errorf("Redact(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestRedactor: a key that was loaded is recognised in hex, in any case and wherever it stands.
func TestRedactor(t *testing.T) {
	t.Parallel()
	const key, other = "a7dea2ed018072d675f5415ecfaed7d2597555e202d85b3d65ea4e58d2d92ffa", "b7dea2ed018072d675f5415ecfaed7d2597555e202d85b3d65ea4e58d2d92ffb"
	var r, none *engine.Redactor
	r = new(engine.Redactor)
	r.Know(enginetest.Signer(key))
	for in, want := range map[string]string{
		"":                                   "",
		"it is " + key + "!":                 "it is [redacted]!",
		strings.ToUpper(key):                 "[redacted]",
		key[:30] + strings.ToUpper(key[30:]): "[redacted]",
		"0x" + key + "00":                    "0x[redacted]00",
		"abc" + key + key + "é":              "abc[redacted][redacted]é",
		other + " " + key + " " + other:      other + " [redacted] " + other,
		key[:63]:                             key[:63],
		key[:32] + " " + key[32:]:            key[:32] + " " + key[32:],
		other:                                other,
		"nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5 " + key: "[redacted] [redacted]",
	} {
		if got := r.Redact(in); got != want {
			t.Errorf("Redact(%q) = %q, want %q", in, got, want)
		}
	}
	none.Know(enginetest.Signer(key))
	if got := none.Redact(key + " nsec1acqpzr"); got != key+" [redacted]" {
		t.Errorf("one that knows no key: %q", got)
	}
}

func FuzzClean(f *testing.F) {
	f.Add("caf\xe9\r\n\x00\u0085")
	f.Fuzz(func(t *testing.T, s string) {
		once := engine.Clean(s)
		if again := engine.Clean(once); again != once {
			t.Errorf("cleaning twice changed %q into %q", once, again)
		}
	})
}
