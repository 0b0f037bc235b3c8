package config

import (
	"io"

	"rhea/engine"
)

// Options are what a configuration is read with.
type Options struct {
	// Kinds are the triggers and actions that rules may name.
	Kinds engine.Kinds
	// WithTests reads *_test.yaml files too.
	WithTests bool
	// LookupEnv finds environment variables; nil means that none is set.
	LookupEnv func(name string) (string, bool)
	// Stdin is what the path - stands for.
	Stdin io.Reader
}

// File is everything that a configuration says, checked and compiled.
type File struct {
	// Paths are the files it was read from.
	Paths []string
	// Identities are in the order of the text.
	Identities []Identity
	// RelaySets are the top-level relays by name; a plain list is the set "default".
	RelaySets map[string][]string
	// Data is what expressions know as data.
	Data map[string]any
	// Rules are compiled and their actions built. A trigger is built from its kind and configuration when it starts.
	Rules []engine.Rule
	// Tests are checked but not run.
	Tests []Test
	// PoW is what may be spent on what identities say about themselves: pow_budget of the defaults.
	PoW engine.PoWBudget
	// State is the path of the state file, relative to the first file; "" when the configuration does not name one.
	State string
	// Warnings are about what is allowed and probably not meant.
	Warnings Problems
}

// Identity is one name that rules act as.
type Identity struct {
	Name string
	// Place is file:line.
	Place string
	// Key says where the key is to be found.
	Key engine.SecretRef
	// FloodStop is the most that the identity may publish; nil leaves it to the engine.
	FloodStop []engine.Rate
	// Profile is what kind 0 should say; nil leaves it to whoever reads the configuration. NoProfile says that the identity
	// has none and gets none.
	Profile   *Profile
	NoProfile bool
	// Inbox and Outbox are for the relay list (kind 10002), DMRelays for kind 10050.
	Inbox, Outbox, DMRelays []string

	at Problem
}

// Profile is what an identity says about itself (kind 0, NIP-24).
type Profile struct {
	// Name is the short name.
	Name string `yaml:"name"`
	// DisplayName is a longer, free name.
	DisplayName string `yaml:"display_name"`
	// About is a text about the bot and who runs it.
	About string `yaml:"about"`
	// Picture is the address of an image.
	Picture string `yaml:"picture"`
	// Banner is the address of a wide image.
	Banner string `yaml:"banner"`
	// Website is an address.
	Website string `yaml:"website"`
	// NIP05 is a name at a domain that points to this key, such as bot@bot.example.
	NIP05 string `yaml:"nip05"`
	// LUD16 is a lightning address.
	LUD16 string `yaml:"lud16"`
	// Bot is true by default.
	Bot bool `yaml:"bot"`
}

// Identity returns the identity of that name.
func (f *File) Identity(name string) (Identity, bool) {
	for _, id := range f.Identities {
		if id.Name == name {
			return id, true
		}
	}
	return Identity{}, false
}

// Rule returns the rule of that name.
func (f *File) Rule(name string) (*engine.Rule, bool) {
	for i := range f.Rules {
		if f.Rules[i].Name == name {
			return &f.Rules[i], true
		}
	}
	return nil, false
}
