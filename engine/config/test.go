package config

import (
	"time"

	"rhea/engine"
)

// Test is one case of the tests section: signals for one rule and what must come of them.
type Test struct {
	// Rule is the rule under test, Name what the case shows.
	Rule, Name string
	// Place is file:line, Dir the folder of that file, where the paths of the test begin.
	Place, Dir string
	// Steps are the signals to send in, in order; a test without a sequence has one.
	Steps []TestStep
}

// TestStep is one signal of a test. What is left out of it is made up when the test runs.
type TestStep struct {
	// Event is an event on a relay. What is left out of it is made up so that it fits the trigger.
	Event *TestEvent `yaml:"event"`
	// Author is what the profile of the event's author says, by the names that expressions know.
	Author map[string]any `yaml:"author"`
	// Item is an item of a feed, by the names that expressions know.
	Item map[string]any `yaml:"item"`
	// Feed is the path of a file with a feed, relative to this one: each of its items is a signal, all of them new.
	Feed string `yaml:"feed"`
	// Request is a request to a webhook, by the names that expressions know.
	Request map[string]any `yaml:"request"`
	// Data is anything else that the trigger offers, by the names that expressions know.
	Data map[string]any `yaml:"data"`
	// At is when it happens; for a schedule, the planned time. Without it, it is the next planned time or a second
	// after the step before.
	At time.Time `yaml:"at"`
	// Relays are events that can be found on relays.
	Relays []TestEvent `yaml:"relays"`
	// HTTP are the answers to requests, by address, or by method and address: POST https://api.example/.
	HTTP map[string]TestAnswer `yaml:"http"`
	// Expect is what must come of it.
	Expect Expect `yaml:"expect"`
}

// TestEvent is an event of a test. With a sig it is taken as it is; else unset fields are filled and it is signed.
type TestEvent struct {
	// From is who wrote it: stranger by default, self for the bot, bot for somebody else's bot, an
	// npub, or any name for one more stranger.
	From string `yaml:"from"`
	// ReplyTo is what it answers: self for a note of the bot, published for what the test's bot published last,
	// stranger or another name for a note of theirs, or an event id.
	ReplyTo string `yaml:"reply_to"`
	// ID is the event's id, 64 hex characters. Without it, the right one.
	ID string `yaml:"id"`
	// Pubkey is the author's public key, 64 hex characters; it stands for from.
	Pubkey string `yaml:"pubkey"`
	// CreatedAt is the date that the event gives itself. Without it, that of the step.
	CreatedAt *time.Time `yaml:"created_at"`
	// Kind is the event's kind. Without it, the first one that the trigger listens for.
	Kind *int `yaml:"kind"`
	// Tags are the event's tags. Without it, those that the trigger listens for; [] for none. In tags of people and
	// events (p, e, q, a), self and stranger stand for their keys, published for what the test's bot published last.
	Tags [][]string `yaml:"tags"`
	// Content is the event's text.
	Content string `yaml:"content"`
	// Sig is the signature of a whole event, which is then taken as it is.
	Sig string `yaml:"sig"`
}

// TestAnswer is what a server answers.
type TestAnswer struct {
	// Status is 200 by default.
	Status int `yaml:"status"`
	// Headers are the header fields of the answer.
	Headers map[string]string `yaml:"headers"`
	// Body is a text, or a value that is sent as JSON.
	Body any `yaml:"body"`
	// Fail has the request fail without an answer, with this message.
	Fail string `yaml:"fail"`
}

// Expect is what a test demands. What is left out is not looked at.
type Expect struct {
	// Outcome is what must come of it. When it makes several signals, one that fires counts, else the first.
	Outcome engine.Outcome `yaml:"outcome"`
	// Reason is what the outcome's reason must be like: the text itself, or a map.
	Reason *Match `yaml:"reason"`
	// Published are the events that must be made, in order; [] when there must be none.
	Published []Published `yaml:"published"`
	// Count is how many events must be made.
	Count *int `yaml:"count"`
	// Outputs are what actions must have returned, by id; keys that are left out are not looked at.
	Outputs map[string]any `yaml:"outputs"`
	// Golden is the path of a file with the events as JSON; rhea test --update writes it.
	Golden string `yaml:"golden"`
}

// Published is what one event must be like.
type Published struct {
	// Kind is the event's kind.
	Kind *int `yaml:"kind"`
	// Content is what its text must be like: the text itself, or a map.
	Content *Match `yaml:"content"`
	// Tags must all be there; values that are left out at their ends are not looked at. In tags of people and events
	// (p, e, q, a), self and stranger stand for their keys, event for the event that is shown, published for what the
	// bot published last in the steps before.
	Tags [][]string `yaml:"tags"`
	// Identity is the name of who must have signed it.
	Identity string `yaml:"identity"`
	// Relays are where it must be sent, in any order.
	Relays []string `yaml:"relays"`
}

// Match is what a text must be like; all that is set must hold. A plain text means Equals.
type Match struct {
	// Equals is the whole text.
	Equals *string `yaml:"equals"`
	// Contains is a part of the text.
	Contains string `yaml:"contains"`
	// Matches is a regular expression that must be found in the text (RE2).
	Matches string `yaml:"matches"`
}
