package actions

import (
	"errors"
	"fmt"
	"regexp"
	"unicode/utf8"

	"rhea/engine"
)

var (
	_ engine.Adviser = PublishConfig{}
	_ engine.Adviser = ReplyConfig{}
	_ engine.Adviser = QuoteConfig{}
	_ engine.Adviser = ArticleConfig{}
	_ engine.Adviser = HTTPConfig{}
)

// longNote is how many characters of plain text the relays of this field take without fail: the smallest
// max_content_length (NIP-11) that is common is 8196.
const longNote = 8196

// Advise implements [engine.Adviser].
func (c PublishConfig) Advise() error {
	advice := []error{c.adviseKind(), c.adviseWords()}
	if isPlainText(c.Kind) {
		advice = append(advice, c.adviseLength())
	}
	return errors.Join(advice...)
}

// Advise implements [engine.Adviser].
func (c ReplyConfig) Advise() error { return errors.Join(c.adviseLength(), c.adviseWords()) }

// Advise implements [engine.Adviser].
func (c QuoteConfig) Advise() error { return errors.Join(c.adviseLength(), c.adviseWords()) }

// Advise implements [engine.Adviser].
func (c ArticleConfig) Advise() error { return c.adviseWords() }

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

// adviseWords warns when what strangers write is signed as it is.
func (p Post) adviseWords() error {
	words := p.Content.Words()
	if len(words) == 0 {
		return nil
	}
	return engine.At("content", &engine.Advice{
		Code:    "unsanitized",
		Message: fmt.Sprintf("the bot signs what strangers write in %s: their mentions, hashtags and invoices", words[0]),
		Hint:    fmt.Sprintf("write sanitize(%s), and truncate(…, 280) to keep it short", words[0]),
	})
}
