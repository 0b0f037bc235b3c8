package events

import (
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/reference"
	"rhea/engine/text"
	"rhea/engine/thread"
)

// Data is what the expressions of a rule see when an event on a relay set it off.
type Data struct {
	engine.Scope

	// Event is the event.
	Event *Event `expr:"event"`
	// Author is who wrote it.
	Author *Author `expr:"author"`
	// Relay is the address of the relay that delivered it.
	Relay string `expr:"relay"`
}

// Event is an event as expressions see it. The fields carry the protocol's own names (NIP-01); what costs anything
// is a method.
type Event struct {
	// ID is the event id, 64 hex characters.
	ID string `expr:"id"`
	// Pubkey is the author's public key, 64 hex characters.
	Pubkey string `expr:"pubkey"`
	// CreatedAt is when the author says the event was made, in UTC. It is an instant like every time in an
	// expression; event.created_at.Unix() is the protocol's number.
	CreatedAt time.Time `expr:"created_at"`
	// Kind is the event kind.
	Kind int `expr:"kind"`
	// Tags are the tags as they stand in the event.
	Tags nostr.Tags `expr:"tags"`
	// Content is the event's text.
	Content string `expr:"content" words:"free"`

	origin *nostr.Event
	relay  string
}

func viewEvent(e *nostr.Event, relay string) *Event {
	return &Event{
		ID:        e.ID,
		Pubkey:    e.PubKey,
		CreatedAt: e.CreatedAt.Time().UTC(),
		Kind:      e.Kind,
		Tags:      e.Tags,
		Content:   e.Content,
		origin:    e,
		relay:     relay,
	}
}

// Tag returns the value of the first tag of that name, "" if there is none.
func (e *Event) Tag(name string) string {
	for _, tag := range e.Tags {
		if len(tag) > 1 && tag[0] == name {
			return tag[1]
		}
	}
	return ""
}

// TagsOf returns the values of all tags of that name, in order.
func (e *Event) TagsOf(name string) []string {
	values := []string{}
	for _, tag := range e.Tags {
		if len(tag) > 1 && tag[0] == name {
			values = append(values, tag[1])
		}
	}
	return values
}

// Hashtags returns the values of the t tags.
func (e *Event) Hashtags() []string { return e.TagsOf("t") }

// Mentions returns the public keys of the p tags.
func (e *Event) Mentions() []string { return e.TagsOf("p") }

// Links returns the web addresses in the content.
func (e *Event) Links() []string { return text.Links(e.Content) }

// Nevent returns the event's name for links (NIP-19), with the relay that delivered it as a hint.
func (e *Event) Nevent() string {
	var relays []string
	if e.relay != "" {
		relays = []string{engine.PublicRelay(e.relay)}
	}
	name, err := reference.Nevent(e.ID, e.Pubkey, e.Kind, relays...)
	if err != nil {
		return "" // Only an event that no relay delivered, such as one of a test, has no proper id.
	}
	return name
}

// Pow returns the proof of work that the author committed to, in leading zero bits of the id (NIP-13); 0 without a
// nonce tag or when the id falls short of the target.
func (e *Event) Pow() int { return engine.Work(&nostr.Event{ID: e.ID, Tags: e.Tags}) }

// ParentID returns the id of the event that this one answers, "" if it answers none.
func (e *Event) ParentID() string {
	return thread.Parent(e.asSent()).ID
}

// RootID returns the id of the event that began the thread, "" if this one stands alone.
func (e *Event) RootID() string {
	return thread.Root(e.asSent()).ID
}

// asSent is the event as the protocol has it. One that no relay delivered is put together from its fields.
func (e *Event) asSent() *nostr.Event {
	if e.origin != nil {
		return e.origin
	}
	return &nostr.Event{ID: e.ID, PubKey: e.Pubkey, Kind: e.Kind, Tags: e.Tags, Content: e.Content}
}

// MarshalJSON writes the event as the protocol does, so that json(event) can be verified by whoever receives it.
func (e *Event) MarshalJSON() ([]byte, error) {
	if e.origin == nil {
		return []byte("null"), nil
	}
	return e.origin.MarshalJSON()
}
