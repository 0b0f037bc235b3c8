package actions

import (
	"errors"
	"fmt"
	"strings"

	"rhea/engine"
)

// maxPoW takes a machine days; more is a slip of the finger.
const maxPoW = 40

// Post is what a person writes, whatever kind of event it becomes.
type Post struct {
	// Content is the text. It is published as written: hashtags and mentions below only add tags.
	Content engine.Text `yaml:"content"`
	// Hashtags become t tags, so that the event is found under them; those written in the content are found too.
	Hashtags engine.Strings `yaml:"hashtags"`
	// Mentions are people to notify: npub, nprofile or hex. Write ${{ mention(…) }} to show them in the content.
	Mentions engine.Strings `yaml:"mentions"`
	// Images are addresses of pictures. Those missing in the content are put below it.
	Images engine.Strings `yaml:"images"`
	// ContentWarning hides the content behind a reason; `true` hides it without one (NIP-36).
	ContentWarning engine.Text `yaml:"content_warning"`
	// Expiration is when relays may drop the event: a duration from now such as 7d, a date or unix seconds (NIP-40).
	Expiration engine.Text `yaml:"expiration"`
	// PoW is the proof of work to mine, in leading zero bits (NIP-13). 20 takes a second or so, each more twice as long.
	PoW int `yaml:"pow"`
	// Protected asks relays to take the event from its author only (NIP-70).
	Protected bool `yaml:"protected"`
	// Tags are added as they are. A tag whose value turns out empty is left out.
	Tags [][]engine.Text `yaml:"tags"`
}

// checkPost finds the mistakes that show without running.
func (p Post) checkPost() error {
	var mistakes []error
	if p.PoW < 0 || p.PoW > maxPoW {
		mistakes = append(mistakes, engine.At("pow", fmt.Errorf("%d is outside 0..%d", p.PoW, maxPoW)))
	}
	if s, ok := literal(p.Expiration); ok {
		if _, err := parseTimeSpec(s); err != nil {
			mistakes = append(mistakes, engine.At("expiration", err))
		}
	}
	return errors.Join(append(mistakes, checkTags(p.Tags))...)
}

// isEmpty reports whether nothing was written that could become content.
func (p Post) isEmpty() bool {
	s, known := literal(p.Content)
	return (p.Content.IsZero() || known && strings.TrimSpace(s) == "") && p.Images.IsZero()
}

// checkContent asks for a text of those who have to say something.
func (p Post) checkContent() error {
	switch {
	case !p.isEmpty():
		return nil
	case p.Content.IsZero():
		return engine.Required("content")
	}
	return engine.At("content", errors.New("there is nothing in this text, and relays and readers have no use for that; write what is to be published"))
}

// isPlainText names the kinds whose content is plain text for people: it must not be empty, and the hashtags and
// references in it get their tags.
func isPlainText(kind int) bool {
	switch kind {
	case kindNote, kindChat, kindThread, kindPublicMessage, kindChannelMessage, kindComment, kindLiveChat:
		return true
	}
	return false
}
