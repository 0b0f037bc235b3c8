package engine

import (
	"fmt"

	"github.com/nbd-wtf/go-nostr"
)

// What an event may hold to be looked at. Relays take less; these bound the work that one event can cause.
const (
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
	size, values := len(e.Content), 0
	for _, tag := range e.Tags {
		values += len(tag)
		for _, v := range tag {
			size += len(v)
		}
	}
	if values > maxTagValues {
		return fmt.Sprintf("the tags have %d values, at most %d are read", values, maxTagValues)
	}
	if size > maxInputBytes {
		return fmt.Sprintf("the event has %d bytes, at most %d are read", size, maxInputBytes)
	}
	return ""
}

// redacted is the decision without secret keys, whoever wrote them: it goes to the history, the log and the page.
func (d Decision) redacted() Decision {
	d.Key, d.Reason = Redact(d.Key), Redact(d.Reason)
	for i := range d.Gates {
		d.Gates[i].Detail = Redact(d.Gates[i].Detail)
	}
	return d
}
