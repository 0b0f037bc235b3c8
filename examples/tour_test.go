package examples_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/nbd-wtf/go-nostr"
)

// TestTour runs bot.yaml.example and speaks to the identity that answers mentions.
func TestTour(t *testing.T) {
	t.Parallel()
	b := newBot(t, filepath.Join("..", "bot.yaml.example"))
	b.env["FEED_URL"] = newFeed(t, "Blog").URL
	b.env["PRICE_URL"] = newAPI(t, `{"usd": 64123.4}`).URL
	helper := pubkeyOf(t, b, "helper")
	s := b.run(t)
	s.listens("greet")
	note := s.publish("Hello, helper!", nostr.Tag{"p", helper})
	reply, reaction := s.seesOf(helper), s.seesOf(helper)
	if reply.Kind != 1 || reply.Content != "Hi there!" || reaction.Kind != 7 || reaction.Content != "👋" {
		t.Errorf("the bot answered %s and %s", reply, reaction)
	}
	hasMarker(t, reply, note.ID, "root")
	hasTags(t, reaction, nostr.Tags{{"e", note.ID}})
}

// pubkeyOf asks the program for the public key of an identity.
func pubkeyOf(t *testing.T, b *bot, name string) string {
	t.Helper()
	said := b.rhea(t, "key", "show")
	for line := range strings.Lines(said) {
		if words := strings.Fields(line); len(words) == 3 && words[0] == name {
			return words[2]
		}
	}
	t.Fatalf("key show does not name %s:\n%s", name, said)
	return ""
}
