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

func (p Post) addTags(d *engine.Draft, run engine.Run) error {
	for i, texts := range p.Tags {
		tag, err := evalTag(texts, run.Data)
		if err != nil {
			return fmt.Errorf("%d: %w", i, err)
		}
		if tag != nil {
			d.Tags = append(d.Tags, tag)
		}
	}
	return nil
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

var errNoContent = errors.New("content: is empty after evaluation; relays and readers have no use for an empty text " +
	"(an if beside the action can skip it)")

func requireContent(d engine.Draft) error {
	if isPlainText(d.Kind) && strings.TrimSpace(d.Content) == "" {
		return errNoContent
	}
	return nil
}
