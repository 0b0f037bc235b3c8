package gate

import (
	"context"
	"strings"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

const (
	kindMuteList = 10000 // NIP-51
	maxMutes     = 10_000
)

// muteList is what one identity has muted: tags of an event as "p <pubkey>", and words.
type muteList struct {
	tags  map[string]bool
	words []string
}

func readMuteList(e *nostr.Event) muteList {
	l := muteList{tags: make(map[string]bool)}
	for _, tag := range e.Tags[:min(len(e.Tags), maxMutes)] {
		if len(tag) < 2 || tag[1] == "" {
			continue
		}
		switch tag[0] {
		case "p", "e":
			l.tags[tag[0]+" "+tag[1]] = true
		case "t":
			l.tags["t "+strings.ToLower(tag[1])] = true
		case "word":
			l.words = append(l.words, strings.ToLower(tag[1]))
		}
	}
	return l
}

// why says what of a signal is muted, "" when nothing is.
func (l muteList) why(c *Candidate) string {
	if l.tags["p "+c.Event.PubKey] {
		return "the author is on the identity's mute list"
	}
	if c.Thread != "" && l.tags["e "+c.Thread] || l.tags["e "+c.Event.ID] {
		return "the thread is on the identity's mute list"
	}
	for _, tag := range c.Event.Tags {
		if len(tag) > 1 && tag[0] == "t" && l.tags["t "+strings.ToLower(tag[1])] {
			return "a hashtag is on the identity's mute list"
		}
	}
	if len(l.words) > 0 {
		text := strings.ToLower(c.Event.Content)
		for _, word := range l.words {
			if strings.Contains(text, word) {
				return "a word is on the identity's mute list"
			}
		}
	}
	return ""
}

// muteListGate is that of the identity's mute list. It leaves no verdict on what is not muted.
func muteListGate(r *facts) Gate {
	return check{"mute_list", func(ctx context.Context, c *Candidate) (Verdict, error) {
		if c.Event == nil {
			return skip(), ctx.Err()
		}
		if reason := r.gates.mutes.Of(ctx, r.pubkey()).why(c); reason != "" {
			return stop(engine.RateLimited, reason), nil
		}
		return skip(), ctx.Err()
	}}
}
