package config

import (
	"time"

	"rhea/engine"
)

// Options are what a configuration is read with.
type Options struct {
	// Kinds are the triggers and actions that rules may name.
	Kinds engine.Kinds
	// LookupEnv finds environment variables; nil means that none is set.
	LookupEnv func(name string) (string, bool)
	// ReadFile reads a file; nil means from disk.
	ReadFile func(path string) ([]byte, error)
}

// File is everything that a configuration says, checked and compiled.
type File struct {
	// Paths are the files it was read from.
	Paths []string
	// Identities are in the order of the text.
	Identities []Identity
	// RelaySets are the top-level relays by name; a plain list is the set "default".
	RelaySets map[string][]string
	// Rules are compiled and their actions built. A trigger is built from its kind and configuration when it starts.
	Rules []engine.Rule
	// Tests are checked but not run.
	Tests []Test
	// State is the path of the state file, relative to the first file; "" when the configuration does not say.
	State string
	// Warnings are what is odd but not wrong.
	Warnings Problems
}

// Identity is one name that rules act as.
type Identity struct {
	Name string
	// Place is file:line.
	Place string
	// Key says where the key is to be found.
	Key engine.SecretRef
	// Profile is what kind 0 should say; nil leaves it alone.
	Profile *Profile
	// Inbox and Outbox are for the relay list (kind 10002), DMRelays for kind 10050.
	Inbox, Outbox, DMRelays []string
}

// Profile is what an identity says about itself (kind 0, NIP-24).
type Profile struct {
	Name        string `yaml:"name"`
	DisplayName string `yaml:"display_name"`
	About       string `yaml:"about"`
	Picture     string `yaml:"picture"`
	Banner      string `yaml:"banner"`
	Website     string `yaml:"website"`
	NIP05       string `yaml:"nip05"`
	LUD16       string `yaml:"lud16"`
	// Bot is true unless the configuration says otherwise.
	Bot bool `yaml:"bot"`
}

// Test is one case of the tests section.
type Test struct {
	// Rule is the rule under test, Name what the case shows.
	Rule string
	Name string
	// Place is file:line.
	Place string
	// Steps are the signals to send in, in order; a test without a sequence has one.
	Steps []TestStep
}

// TestStep is one signal of a test with what must come of it.
type TestStep struct {
	// Event, Item and Request are the data as written; at most one of them is set.
	Event, Item, Request map[string]any
	// At is the time at which it happens; zero means any.
	At time.Time
	// Expect is what must come of it.
	Expect Expect
}

// Expect is what a test demands. What is left out is not looked at.
type Expect struct {
	// Outcome is one of the engine's outcomes; "" when left out.
	Outcome engine.Outcome
	// Published are patterns for the drafts in order; nil when left out, empty when nothing may be published.
	Published []map[string]any
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
