package relaytest

import (
	_ "embed" // hostile_frames.jsonl
	"encoding/json"
	"fmt"
	"strings"

	"github.com/nbd-wtf/go-nostr"
)

// Message is one frame of NIP-01, in either direction.
type Message string

// Say builds a message from its elements.
func Say(elements ...any) Message {
	b, err := json.Marshal(elements)
	if err != nil {
		panic("relaytest: " + err.Error())
	}
	return Message(b)
}

// Label is the first element: EVENT, REQ, OK, …; "" when the message is malformed.
func (m Message) Label() string { return m.text(0) }

// ID is the second element where it is a text (a subscription id, an event id), else the id of the event there.
func (m Message) ID() string {
	if id := m.text(1); id != "" {
		return id
	}
	if e, ok := m.Event(); ok {
		return e.ID
	}
	return ""
}

// Event is the event that the message carries, if any.
func (m Message) Event() (e nostr.Event, ok bool) {
	parts := m.elements()
	if len(parts) < 2 {
		return e, false
	}
	err := json.Unmarshal(parts[len(parts)-1], &e)
	return e, err == nil && e.PubKey != ""
}

// Filters are the filters of a REQ.
func (m Message) Filters() nostr.Filters {
	parts := m.elements()
	if m.Label() != "REQ" || len(parts) < 3 {
		return nil
	}
	filters := make(nostr.Filters, len(parts)-2)
	for i, raw := range parts[2:] {
		if json.Unmarshal(raw, &filters[i]) != nil {
			return nil
		}
	}
	return filters
}

func (m Message) elements() []json.RawMessage {
	var parts []json.RawMessage
	if json.Unmarshal([]byte(m), &parts) != nil {
		return nil
	}
	return parts
}

func (m Message) text(i int) string {
	parts := m.elements()
	var s string
	if i >= len(parts) || json.Unmarshal(parts[i], &s) != nil {
		return ""
	}
	return s
}

//go:embed hostile_frames.jsonl
var hostileFrames string

// HostileFrames returns, by name, frames that relays have sent or might send, filled in for a subscription and an
// event of it. Other is a good event that the subscription did not ask for.
func HostileFrames(sub string, e, other nostr.Event) map[string]string {
	forged, badSig, upper := e, e, e
	forged.ID = strings.Repeat("0", 64)
	badSig.Sig = strings.Repeat("1", 128)
	upper.PubKey = strings.ToUpper(e.PubKey)
	upper.ID = upper.GetID()
	fill := strings.NewReplacer("{{SUB}}", sub, "{{ID}}", e.ID, "{{EVENT}}", e.String(),
		"{{EVENT_WITH_RANDOM_ID}}", forged.String(), "{{EVENT_BAD_SIG}}", badSig.String(),
		"{{EVENT_UPPER_PUBKEY}}", upper.String(), "{{EVENT_OTHER_KIND}}", other.String(), `\u00ff`, "\xff")
	frames := make(map[string]string)
	for line := range strings.Lines(hostileFrames) {
		var row struct{ Name, Frame string }
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			panic(fmt.Sprintf("hostile_frames.jsonl: %v", err)) // It is ours.
		}
		frames[row.Name] = fill.Replace(row.Frame)
	}
	return frames
}
