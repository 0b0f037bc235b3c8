package engine

import (
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is a text that no log, error, dump or page shows. Only Reveal gives it away.
type Secret struct{ text string }

// NewSecret wraps a text.
func NewSecret(text string) Secret { return Secret{text} }

// Reveal returns the text itself, for the one place that needs it.
func (s Secret) Reveal() string { return s.text }

// IsZero reports whether there is no text.
func (s Secret) IsZero() bool { return s.text == "" }

// String hides the text.
func (Secret) String() string { return redacted }

// GoString hides the text from %#v.
func (Secret) GoString() string { return redacted }

// Format hides the text from every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// LogValue hides the text from slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText hides the text from JSON and YAML.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// SecretRef says where a secret is to be found. Exactly one of Env, File, Credential, Bunker and Derive is set.
type SecretRef struct {
	// Env is the name of an environment variable.
	Env string `yaml:"env"`
	// File is a path, relative to the configuration.
	File string `yaml:"file"`
	// Credential is the name of a systemd credential.
	Credential string `yaml:"credential"`
	// Bunker is a reference to a bunker:// address (NIP-46).
	Bunker *SecretRef `yaml:"bunker"`
	// Derive is the name of another identity whose child key at Path this is.
	Derive string `yaml:"derive"`
	// Path tells the children of one identity apart; the same path gives the same key for ever.
	Path string `yaml:"path"`
	// Passphrase opens a ncryptsec (NIP-49).
	Passphrase *SecretRef `yaml:"passphrase"`
}
