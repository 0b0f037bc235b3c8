package actions

import (
	"fmt"
	"regexp"
	"unicode/utf8"

	"rhea/engine"
)

var (
	_ engine.Adviser = PublishConfig{}
	_ engine.Adviser = ReplyConfig{}
	_ engine.Adviser = QuoteConfig{}
)

// longNote is how many characters of plain text the relays of this field take without fail: the smallest
// max_content_length (NIP-11) that is common is 8196.
const longNote = 8196

// Advise implements [engine.Adviser].
func (c PublishConfig) Advise() error {
	if !isPlainText(c.Kind) {
		return nil
	}
	return c.adviseLength()
}

// Advise implements [engine.Adviser].
func (c ReplyConfig) Advise() error { return c.adviseLength() }

// Advise implements [engine.Adviser].
func (c QuoteConfig) Advise() error { return c.adviseLength() }

// expressions are the parts of a text whose length is not known before it runs.
var expressions = regexp.MustCompile(`(?s)\$\{\{.*?\}\}`)

func (p Post) adviseLength() error {
	n := utf8.RuneCountInString(expressions.ReplaceAllString(p.Content.Source(), ""))
	if n <= longNote {
		return nil
	}
	return engine.At("content", &engine.Advice{
		Code:    "too-long",
		Message: fmt.Sprintf("this text has %d characters: many relays refuse notes of more than %d", n, longNote),
		Hint:    "shorten it, or publish it as an article with kind: 30023 and a tag [d, name]",
	})
}
