package bot

import (
	"context"
	"strings"

	"github.com/nbd-wtf/go-nostr"
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
func (l muteList) why(t *trial) string {
	if l.tags["p "+t.Event.PubKey] {
		return "the author is on the identity's mute list"
	}
	if t.Thread != "" && l.tags["e "+t.Thread] || l.tags["e "+t.Event.ID] {
		return "the thread is on the identity's mute list"
	}
	for _, tag := range t.Event.Tags {
		if len(tag) > 1 && tag[0] == "t" && l.tags["t "+strings.ToLower(tag[1])] {
			return "a hashtag is on the identity's mute list"
		}
	}
	if len(l.words) > 0 {
		text := strings.ToLower(t.Event.Content)
		for _, word := range l.words {
			if strings.Contains(text, word) {
				return "a word is on the identity's mute list"
			}
		}
	}
	return ""
}

// muted is the gate of the identity's mute list. It leaves no verdict on what is not muted.
func (r *runner) muted(ctx context.Context, t *trial) bool {
	if t.Event == nil {
		return false
	}
	reason := r.engine.mutes.Of(ctx, r.identity.Signer.PublicKey()).why(t)
	t.turnDown("mute_list", reason)
	return reason != ""
}
