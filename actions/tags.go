package actions

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/reference"
)

// maxTagValue is what common relays index; they refuse much longer values.
const maxTagValue = 255

// checkTags finds the mistakes in written tags that show without running.
func checkTags(tags [][]engine.Text) error {
	var mistakes []error
	for i, tag := range tags {
		if len(tag) == 0 {
			mistakes = append(mistakes, engine.At(fmt.Sprintf("tags.%d", i), errors.New("is an empty list; write [name, value]")))
			continue
		}
		if s, ok := literal(tag[0]); tag[0].IsZero() || ok && s == "" {
			mistakes = append(mistakes, engine.At(fmt.Sprintf("tags.%d.0", i), errors.New("is the name of the tag and must not be empty")))
		}
		if len(tag) < 2 {
			continue
		}
		if value, ok := literal(tag[1]); ok {
			if _, err := tagValue(tag[0].Source(), value); err != nil {
				mistakes = append(mistakes, engine.At(fmt.Sprintf("tags.%d.1", i), err))
			}
		}
	}
	return errors.Join(mistakes...)
}

// evalTag returns nil for a tag whose value turned out empty. Elements at the end that turned out empty are cut off;
// what was written as "" stays.
func evalTag(texts []engine.Text, data engine.Data) (nostr.Tag, error) {
	tag := make(nostr.Tag, len(texts))
	for i, t := range texts {
		v, err := t.Eval(data)
		if err != nil {
			return nil, fmt.Errorf("%d: %w", i, err)
		}
		tag[i] = v
	}
	vanished := func(i int) bool {
		_, fixed := literal(texts[i])
		return tag[i] == "" && !fixed
	}
	if tag[0] == "" {
		return nil, errors.New("0: the name of the tag is empty after evaluation")
	}
	if len(tag) == 1 {
		return tag, nil
	}
	if vanished(1) {
		return nil, nil
	}
	for last := len(tag) - 1; last > 1 && vanished(last); last-- {
		tag = tag[:last]
	}
	v, err := tagValue(tag[0], tag[1])
	if err != nil {
		return nil, fmt.Errorf("1: %w", err)
	}
	tag[1] = v
	return tag, nil
}

// tagValue turns the bech32 names that people write in tags into what belongs there. In e and p tags anything else
// than hex is a mistake, because relays refuse an event for one malformed e or p tag.
func tagValue(name, value string) (string, error) {
	switch name {
	case "p":
		pubkey, err := reference.PublicKey(value)
		if err != nil {
			return "", fmt.Errorf("a p tag holds a public key (64 hex characters or npub), not %s", shown(value))
		}
		return pubkey, nil
	case "e":
		id, err := reference.EventID(value)
		if err != nil {
			return "", fmt.Errorf("an e tag holds an event id (64 hex characters, note or nevent), not %s", shown(value))
		}
		return id, nil
	case "a", "q", "A", "E", "P":
		if ref, err := reference.Parse(value); err == nil {
			return cmp.Or(ref.Address, ref.ID, ref.PublicKey), nil
		}
	}
	return value, nil
}

// addTag appends a tag unless one with its name and value is there.
func addTag(tags nostr.Tags, tag nostr.Tag) nostr.Tags {
	if hasTag(tags, tag[0], tag[1]) {
		return tags
	}
	return append(tags, tag)
}

func hasTag(tags nostr.Tags, name, value string) bool {
	return slices.ContainsFunc(tags, func(t nostr.Tag) bool {
		return len(t) > 1 && t[0] == name && t[1] == value
	})
}

// firstTag returns the first tag of that name with a value, or nil.
func firstTag(tags nostr.Tags, name string) nostr.Tag {
	for _, t := range tags {
		if len(t) > 1 && t[0] == name {
			return t
		}
	}
	return nil
}

// trimTag cuts empty elements off the end.
func trimTag(tag nostr.Tag) nostr.Tag {
	for len(tag) > 2 && tag[len(tag)-1] == "" {
		tag = tag[:len(tag)-1]
	}
	return tag
}
