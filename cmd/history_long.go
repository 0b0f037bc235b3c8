package cmd

import (
	"context"
	"strings"
	"time"

	"rhea/cmd/screen"
	"rhea/engine"
	"rhea/engine/ledger"
)

// teller tells decisions in full: who wrote what, and what the bot has said to that.
type teller struct {
	*app
	s stateRef
	r ledger.Reader
	// names are what people are called, by their public keys, as far as some decision knows it.
	names map[string]string
	// begun says that something was told, so that a blank line follows.
	begun bool
}

// told is a decision in JSON.
type told struct {
	engine.Decision
	// Npub is who wrote the event that was decided on, and Link names it.
	Npub string `json:"npub,omitempty"`
	Link string `json:"link,omitempty"`
	// Posts are what was published, told when it is asked for.
	Posts []post `json:"posts,omitempty"`
}

func toldOf(d engine.Decision) told {
	d.At = d.At.UTC()
	t := told{Decision: d}
	var author string
	if p := personOf(d.About); p != nil {
		author, t.Npub = p.Pubkey, p.Npub
	}
	if isEventID(d.Key) && d.Outcome != engine.BadSignature {
		t.Link = linkTo(d.Key, author, -1, d.Relay)
	}
	return t
}

// learn takes in what people are called.
func (t *teller) learn(all []engine.Decision) {
	for _, d := range all {
		if d.About != nil && d.About.Name != "" {
			t.names[d.About.Author] = d.About.Name
		}
	}
}

// print tells a decision over several lines.
func (t *teller) print(ctx context.Context, d engine.Decision, now time.Time) error {
	made, err := t.s.made(ctx, t.r, d)
	if err != nil {
		return err
	}
	if t.begun {
		printLine(t.Out, "")
	}
	t.begun = true
	t.printHead(screen.Ago(d.At, now) + " · " + d.Rule + " · " + string(d.Outcome) + " · " + d.Trigger)
	if p := personOf(d.About); p != nil {
		if p.Name == "" {
			p.Name = t.names[p.Pubkey]
		}
		t.part("from", p.called())
	}
	if d.About != nil && d.About.Words != "" {
		t.part("said", screen.Excerpt(d.About.Words, screen.Width-len(noLabel), excerptLines)...)
	}
	if link := toldOf(d).Link; link != "" {
		t.part("link", link)
	}
	if d.Reason != "" {
		t.part("why", screen.Wrap(screen.OneLine(screen.HideTokens(d.Reason)), screen.Width-len(noLabel))...)
	}
	for _, p := range made {
		t.part("made", p.title())
		t.printPost(noLabel, p)
	}
	for _, id := range forgotten(d, made) {
		t.part("made", screen.Short(id)+", which is no longer kept")
	}
	return nil
}

// noLabel is the room of a label.
const noLabel = "        "

// part prints lines behind a label.
func (t *teller) part(label string, lines ...string) {
	first := "  " + label + strings.Repeat(" ", len(noLabel)-len(label)-2)
	for _, line := range lines {
		printLine(t.Out, "%s%s", first, line)
		first = noLabel
	}
}

// forgotten lists what a decision has published and the state does not know any more.
func forgotten(d engine.Decision, made []post) (ids []string) {
	known := make(map[string]bool)
	for _, p := range made {
		known[p.ID] = true
	}
	for _, id := range d.Published {
		if !known[id] {
			ids = append(ids, id)
		}
	}
	return ids
}
