package engine

import (
	"fmt"

	"github.com/nbd-wtf/go-nostr"
)

// What an event may hold to be looked at. Relays take less; these bound the work that one event can cause.
const (
	// maxInputText is the most in one text, the content or a value of a tag: more than that few relays take. What is done
	// with a text takes longer the longer it is; lists of people or events are long in all.
	maxInputText  = 64 << 10
	maxInputBytes = 256 << 10
	maxInputTags  = 5000
	maxTagValues  = 20_000
)

// Oversize says why an event is too large to be looked at, "" when it is not. Triggers ask before they read a
// stranger's event, the engine before any expression does.
func Oversize(e *nostr.Event) string {
	if len(e.Tags) > maxInputTags {
		return fmt.Sprintf("the event has %d tags, at most %d are read", len(e.Tags), maxInputTags)
	}
	size, values, longest := len(e.Content), 0, len(e.Content)
	for _, tag := range e.Tags {
		values += len(tag)
		for _, v := range tag {
			size, longest = size+len(v), max(longest, len(v))
		}
	}
	if values > maxTagValues {
		return fmt.Sprintf("the tags have %d values, at most %d are read", values, maxTagValues)
	}
	if longest > maxInputText {
		return fmt.Sprintf("a text in the event has %d bytes, at most %d are read", longest, maxInputText)
	}
	if size > maxInputBytes {
		return fmt.Sprintf("the event has %d bytes, at most %d are read", size, maxInputBytes)
	}
	return ""
}
