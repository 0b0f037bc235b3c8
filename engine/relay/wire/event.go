package wire

import (
	"errors"

	"github.com/nbd-wtf/go-nostr"
)

const (
	// maxTags is far above the limits of relays (strfry: 2,000), because follow lists are long.
	maxTags = 10_000
	maxKind = 65535
)

// What can be wrong with an event.
var (
	ErrShape = errors.New("not an event")
	ErrID    = errors.New("the id is not the hash of the body")
)

// EventID is the id of an event in half the size of its text.
type EventID [32]byte

// CopyKey identifies a copy of an event by id and signature: of several copies with one id, only one may have a good
// signature.
type CopyKey struct {
	ID  EventID
	Sig [64]byte
}

// ParseEvent parses an event strictly and checks that its id is the hash of the body. It does not check the signature.
func ParseEvent(raw []byte) (*nostr.Event, error) {
	e, err := ReadEvent(raw)
	if err == nil && !e.CheckID() {
		err = ErrID
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

// ReadEvent parses the form of an event: every field once, ids and keys in lower-case hex.
func ReadEvent(raw []byte) (*nostr.Event, error) {
	var e nostr.Event
	var seen [7]bool
	once := func(i int, s *scanner) {
		if seen[i] {
			s.fail()
		}
		seen[i] = true
	}
	s := &scanner{data: raw}
	s.expect('{')
	for first := true; s.more(first, '}'); first = false {
		name := s.text()
		s.expect(':')
		switch string(name) {
		case "id":
			once(0, s)
			e.ID = s.hexText(64)
		case "pubkey":
			once(1, s)
			e.PubKey = s.hexText(64)
		case "created_at":
			once(2, s)
			e.CreatedAt = nostr.Timestamp(s.integer())
		case "kind":
			once(3, s)
			e.Kind = s.kind()
		case "tags":
			once(4, s)
			e.Tags = s.tags()
		case "content":
			once(5, s)
			e.Content = string(s.text())
		case "sig":
			once(6, s)
			e.Sig = s.hexText(128)
		default:
			s.value()
		}
	}
	if s.end() != nil || seen != [7]bool{true, true, true, true, true, true, true} {
		return nil, ErrShape
	}
	return &e, nil
}

func (s *scanner) kind() int {
	n := s.integer()
	if n < 0 || n > maxKind {
		s.fail()
	}
	return int(n)
}

func (s *scanner) tags() nostr.Tags {
	s.expect('[')
	tags := nostr.Tags{}
	for first := true; s.more(first, ']'); first = false {
		s.expect('[')
		var tag nostr.Tag
		for first := true; s.more(first, ']'); first = false {
			tag = append(tag, string(s.text()))
		}
		if len(tag) == 0 || len(tags) == maxTags {
			s.fail()
		}
		tags = append(tags, tag)
	}
	return tags
}

// hexText reads a string of exactly length lower-case hex digits.
func (s *scanner) hexText(length int) string {
	text := s.text()
	if len(text) != length {
		s.fail()
	}
	for _, c := range text {
		if nibble(c) < 0 {
			s.fail()
		}
	}
	return string(text)
}
