package examples_test

import (
	"testing"

	"github.com/nbd-wtf/go-nostr"
)

func TestMentionReply(t *testing.T) {
	t.Parallel()
	b := recipe(t, "mention-reply")
	s := b.run(t)
	s.listens("answer")
	s.introduce("Ann")
	toBot := nostr.Tag{"p", b.pubkey}

	s.publish("history repeats itself", toBot) // The same author is answered in order: silence first.
	s.publish("hello, everybody")              // Not to the bot.
	note := s.publish("Hello, bot!", toBot)
	greeting := s.sees()
	if greeting.Kind != 1 || greeting.Content != "Hello Ann!" || greeting.PubKey != b.pubkey {
		t.Errorf("the bot answered %s", greeting)
	}
	hasTags(t, greeting, nostr.Tags{{"e", note.ID}, {"p", s.pubkey}})
	hasMarker(t, greeting, note.ID, "root")

	question := s.publish("can you help me?", toBot,
		nostr.Tag{"e", note.ID, "", "root"}, nostr.Tag{"e", greeting.ID, "", "reply"})
	help := s.sees()
	if help.Kind != 1 || help.Content != "I answer two things:\n\nhello — I greet you\nhelp — you are reading it" {
		t.Errorf("the bot answered %s", help)
	}
	hasTags(t, help, nostr.Tags{{"p", s.pubkey}})
	hasMarker(t, help, note.ID, "root")
	hasMarker(t, help, question.ID, "reply")
	s.stop()
}

func TestHashtagReposter(t *testing.T) {
	t.Parallel()
	b := recipe(t, "hashtag-reposter")
	s := b.run(t)
	s.listens("garden")
	gardening := nostr.Tag{"t", "gardening"}
	s.publish("Huge garden giveaway, click here to win!", gardening)
	s.publish("No hashtag, though it is about tomatoes.")
	note := s.publish("The first tomatoes of the year are out.", gardening)
	repost := s.sees()
	if repost.Kind != 6 || repost.Content != note.String() || repost.PubKey != b.pubkey {
		t.Errorf("the bot published %s", repost)
	}
	hasTags(t, repost, nostr.Tags{{"e", note.ID}, {"p", s.pubkey}})
	reply := s.publish("Mine too, look at these beauties!", gardening, nostr.Tag{"e", note.ID, "", "root"})
	last := s.publish("Permaculture in a single pot, a report.", nostr.Tag{"t", "permaculture"})
	if next := s.sees(); tagsOf(next, "e")[0] != last.ID {
		t.Errorf("the bot published %s; the reply was %s, the note %s", next, reply.ID, last.ID)
	}
	s.stop()
}

func TestPraiseBot(t *testing.T) {
	t.Parallel()
	b := recipe(t, "praise-bot")
	s := b.run(t)
	s.listens("praise")
	introduction := nostr.Tag{"t", "introductions"}
	s.publish("Приветливый человек", introduction) // A greeting within a longer word.
	note := s.publish("Всем привет! 🎉", introduction)
	reaction, reply := s.sees(), s.sees()
	if reaction.Kind != 7 || reaction.Content != "🧡" {
		t.Errorf("the bot published %s first", reaction)
	}
	hasTags(t, reaction, nostr.Tags{{"e", note.ID}, {"p", s.pubkey}})
	if reply.Kind != 1 || reply.Content != "Welcome, stranger! Good to have you here." {
		t.Errorf("the bot published %s second", reply)
	}
	hasTags(t, reply, nostr.Tags{{"p", s.pubkey}})
	hasMarker(t, reply, note.ID, "root")

	japanese := s.publish("皆さん、こんにちは。", introduction)
	if again := s.sees(); tagsOf(again, "e")[0] != japanese.ID {
		t.Errorf("the bot published %s", again)
	}
	s.sees()
	s.stop()
}
