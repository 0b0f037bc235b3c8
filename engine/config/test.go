package config

import (
	"time"

	"rhea/engine"
)

// Test is one case of the tests section: signals for one rule and what must come of them.
type Test struct {
	// Rule is the rule under test, Name what the case shows.
	Rule, Name string
	// Place is file:line.
	Place string
	// Steps are the signals to send in, in order; a test without a sequence has one.
	Steps []TestStep
}

// TestStep is one signal of a test. What is left out of it is made up by whoever runs the test.
type TestStep struct {
	// Event is for rules whose trigger offers an event; nil when left out.
	Event *TestEvent `yaml:"event"`
	// Author is what the rule shall know about the event's author, by the names that expressions know.
	Author map[string]any `yaml:"author"`
	// Item and Request are for the rules whose trigger offers them, by the names that expressions know.
	Item    map[string]any `yaml:"item"`
	Request map[string]any `yaml:"request"`
	// At is when it happens; zero means now.
	At time.Time `yaml:"at"`
	// Expect is what must come of it.
	Expect Expect `yaml:"expect"`
}

// TestEvent is an event of a test. Unset fields are filled with what makes it valid.
type TestEvent struct {
	ID        string     `yaml:"id"`
	Pubkey    string     `yaml:"pubkey"`
	CreatedAt *time.Time `yaml:"created_at"`
	Kind      *int       `yaml:"kind"`
	Tags      [][]string `yaml:"tags"`
	Content   string     `yaml:"content"`
}

// Expect is what a test demands. What is left out is not looked at.
type Expect struct {
	// Outcome is one of the engine's outcomes; "" when left out.
	Outcome engine.Outcome `yaml:"outcome"`
	// Published are the events made, in order; nil when left out, empty when there must be none.
	Published []Published `yaml:"published"`
}

// Published is what one event must be like.
type Published struct {
	Kind     *int       `yaml:"kind"`
	Content  *Match     `yaml:"content"`
	Tags     [][]string `yaml:"tags"`
	Identity string     `yaml:"identity"`
}

// Match is what a text must be like; all that is set must hold. A plain text means Equals.
type Match struct {
	Equals   *string `yaml:"equals"`
	Contains string  `yaml:"contains"`
	Matches  string  `yaml:"matches"`
}
