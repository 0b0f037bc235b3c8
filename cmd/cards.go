package cmd

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/nbd-wtf/go-nostr"

	"rhea/cmd/screen"
	"rhea/engine"
)

// cardWidth is how wide a card's text is; 80 columns with its border.
const cardWidth = 76

// cards prints each published event once a relay has accepted it, as a person would like to see it, with the reason
// why it was published.
type cards struct {
	out   io.Writer
	paint screen.Paint
	// name is how a card calls a public key.
	name func(pubkey string) string

	mu   sync.Mutex
	why  map[string]engine.Decision
	done map[string]bool
}

var _ engine.Observer = (*cards)(nil)

func newCards(out io.Writer, p screen.Paint, name func(string) string) *cards {
	return &cards{
		out: out, paint: p, name: name,
		why: make(map[string]engine.Decision), done: make(map[string]bool),
	}
}

// Decided remembers why each event was made.
func (c *cards) Decided(d engine.Decision, events []nostr.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range events {
		c.why[e.ID] = d
	}
}

// Settled prints the card when the first relay has accepted the event.
func (c *cards) Settled(d engine.Delivery, s engine.Settlement) {
	if s.State != engine.Accepted {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done[d.Event.ID] {
		return
	}
	c.done[d.Event.ID] = true
	decision := c.why[d.Event.ID]
	delete(c.why, d.Event.ID)
	lines := strings.Split(strings.TrimRight(d.Event.Content, "\n"), "\n")
	c.print(title(d.Event), lines, []string{
		"by       " + c.name(d.Event.PubKey),
		"because  " + reasonOf(decision),
		"signed   " + screen.Short(d.Event.ID) + ", accepted by " + d.Relay,
	})
}

// Stranger prints what somebody else published, so that an answer can be understood.
func (c *cards) Stranger(e nostr.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.print("a stranger writes", strings.Split(e.Content, "\n"), nil)
}

func (c *cards) print(title string, body, foot []string) {
	p := c.paint
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", p.Dim("┌─"), p.Bold(title))
	for _, line := range body {
		for _, part := range screen.Wrap(line, cardWidth) {
			fmt.Fprintf(&b, "%s %s\n", p.Dim("│"), part)
		}
	}
	for _, line := range foot {
		for _, part := range screen.Wrap(line, cardWidth) {
			fmt.Fprintf(&b, "%s\n", p.Dim("│ "+part))
		}
	}
	fmt.Fprintf(&b, "%s\n", p.Dim("└─"))
	io.WriteString(c.out, b.String())
}

// title names an event in words.
func title(e nostr.Event) string { return kindOf(e) + " · " + e.CreatedAt.Time().Format("15:04:05") }

// kindOf names the kind of an event.
func kindOf(e nostr.Event) string {
	what := fmt.Sprintf("kind %d", e.Kind)
	switch e.Kind {
	case nostr.KindProfileMetadata:
		what = "profile"
	case nostr.KindTextNote:
		what = "note"
		if root := e.Tags.Find("e"); root != nil {
			what = "reply in the thread of " + screen.Short(root[1])
		}
	case nostr.KindRepost, nostr.KindGenericRepost:
		what = "repost"
	case nostr.KindReaction:
		what = "reaction"
	case nostr.KindDeletion:
		what = "deletion"
	}
	return what
}

// reasonOf returns why an event was made.
func reasonOf(d engine.Decision) string {
	text := "rule " + d.Rule + " fired on "
	switch d.Trigger {
	case "feed":
		text += "a new feed item"
	case "schedule":
		text += "its schedule"
	case "profile":
		text += "what relays did not have yet"
	default:
		text += "a " + d.Trigger + " (" + screen.Short(d.Key) + ")"
	}
	passed := make([]string, 0, len(d.Gates))
	for _, g := range d.Gates {
		if g.Pass {
			passed = append(passed, g.Gate)
		}
	}
	return text + "; passed " + strings.Join(passed, ", ")
}
