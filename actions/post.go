package actions

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/reference"
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
func (p Post) isEmpty() bool { return p.Content.IsZero() && p.Images.IsZero() }

// draft writes the event. The tags given come first; they are what makes it a reply or a quote.
func (p Post) draft(run engine.Run, kind int, tags nostr.Tags) (engine.Draft, error) {
	d := engine.Draft{Kind: kind, Tags: tags, PoW: p.PoW}
	content, err := p.Content.Eval(run.Data)
	if err != nil {
		return d, fmt.Errorf("content: %w", err)
	}
	// The newline that ends a YAML block is not meant to be published.
	d.Content = strings.TrimRight(content, "\n")
	for _, step := range []struct {
		key string
		add func(*engine.Draft, engine.Run) error
	}{
		{"tags", p.addTags},
		{"mentions", p.addMentions},
		{"images", p.addImages},
		{"hashtags", p.addHashtags},
		{"content_warning", p.addWarning},
		{"expiration", p.addExpiration},
	} {
		if err := step.add(&d, run); err != nil {
			return d, fmt.Errorf("%s: %w", step.key, err)
		}
	}
	if isPlainText(kind) {
		d.Tags = addCitations(d.Tags, d.Content)
	}
	if p.Protected {
		d.Tags = append(d.Tags, nostr.Tag{"-"})
	}
	return d, nil
}

func (p Post) addMentions(d *engine.Draft, run engine.Run) error {
	people, err := p.Mentions.Eval(run.Data)
	if err != nil {
		return err
	}
	for _, name := range people {
		if name == "" {
			continue
		}
		pubkey, err := reference.PublicKey(name)
		if err != nil {
			return fmt.Errorf("%s is not a person (npub, nprofile or 64 hex characters): %w", shown(name), err)
		}
		d.Tags = addTag(d.Tags, nostr.Tag{"p", pubkey})
	}
	return nil
}

func (p Post) addWarning(d *engine.Draft, run engine.Run) error {
	reason, err := p.ContentWarning.Eval(run.Data)
	switch {
	case err != nil:
		return err
	case reason == "", reason == "false":
	case reason == "true":
		d.Tags = append(d.Tags, nostr.Tag{"content-warning", ""})
	default:
		d.Tags = append(d.Tags, nostr.Tag{"content-warning", reason})
	}
	return nil
}

func (p Post) addExpiration(d *engine.Draft, run engine.Run) error {
	s, err := p.Expiration.Eval(run.Data)
	if err != nil || s == "" {
		return err
	}
	m, err := parseTimeSpec(s)
	if err != nil {
		return err
	}
	at := m.from(run.Now)
	if !at.After(run.Now) {
		return fmt.Errorf("%s has passed; relays refuse an event that has expired", shown(s))
	}
	d.Tags = append(d.Tags, nostr.Tag{"expiration", strconv.FormatInt(at.Unix(), 10)})
	return nil
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

var errNoContent = errors.New("content: is empty after evaluation; relays and readers have no use for an empty text " +
	"(an if beside the action can skip it)")

func requireContent(d engine.Draft) error {
	if isPlainText(d.Kind) && strings.TrimSpace(d.Content) == "" {
		return errNoContent
	}
	return nil
}
