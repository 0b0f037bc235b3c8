package examples_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nbd-wtf/go-nostr"
)

// change copies a bot.yaml with some of its text replaced, so that a test need not wait for Thursday. The changes
// are pairs of what stands there and what shall stand there.
func change(t *testing.T, path string, changes ...string) string {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(body)
	for pair := range slices.Chunk(changes, 2) {
		if !strings.Contains(text, pair[0]) {
			t.Fatalf("%s does not say %q", path, pair[0])
		}
		text = strings.ReplaceAll(text, pair[0], pair[1])
	}
	changed := filepath.Join(t.TempDir(), "bot.yaml")
	if err := os.WriteFile(changed, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return changed
}

// everySecond is what the tests put in the place of a cron line. What a bot says it then says again and again.
const everySecond = "every: 1s"

func TestAnnouncements(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		day  string // What the condition compares with instead of 7, so that the date of the test does not matter.
		want bool
	}{
		"the right week": {"<= 31", true},
		"another week":   {"<= 0", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBot(t, change(t, "announcements/bot.yaml",
				`cron: "30 7 * * MON-FRI"`, everySecond, `cron: "0 18 * * THU"`, everySecond, "<= 7", tc.day))
			s := b.run(t)
			seen := make(map[string]bool)
			for !seen["gm"] || seen["meetup"] != tc.want {
				seen[announcement(t, b, s.sees())] = true
			}
			// Two more mornings show that the meetup stays as it was.
			for mornings := 0; mornings < 2; {
				kind := announcement(t, b, s.sees())
				if seen[kind] = true; kind == "gm" {
					mornings++
				}
			}
			if seen["meetup"] != tc.want {
				t.Errorf("the meetup was announced: %t", seen["meetup"])
			}
		})
	}
}

// announcement checks a note and says which one it is.
func announcement(t *testing.T, b *bot, note nostr.Event) string {
	t.Helper()
	switch {
	case note.Kind != 1 || note.PubKey != b.pubkey:
		t.Errorf("the bot published %s", note)
	case note.Content == "Meetup tonight at 19:00. Everybody is welcome!":
		hasTags(t, note, nostr.Tags{{"t", "meetup"}, {"t", "berlin"}})
		return "meetup"
	case slices.Contains([]string{"Good morning!", "GM, Nostr.", "Another day, another note."}, note.Content):
		if len(tagsOf(note, "expiration")) != 1 {
			t.Errorf("the greeting does not expire: %v", note.Tags)
		}
		return "gm"
	default:
		t.Errorf("the bot said %q", note.Content)
	}
	return ""
}

func TestPriceBot(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answer string
		want   []string
	}{
		"a quiet day": {`{"usd": 64123.4, "change_24h": -1.2}`, []string{"1 BTC = 64123 USD"}},
		"a bad day":   {`{"usd": 60000, "change_24h": -6.5}`, []string{"1 BTC = 60000 USD", "Down 6.5 % in a day. Breathe."}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBot(t, change(t, "price-bot/bot.yaml", `cron: "0 */6 * * *"`, everySecond))
			b.env["PRICE_URL"] = newAPI(t, tc.answer).URL
			s := b.run(t)
			for range 2 {
				for _, want := range tc.want {
					note := s.sees()
					if note.Kind != 1 || note.Content != want || note.PubKey != b.pubkey {
						t.Errorf("the bot published %s, want a note %q", note, want)
					}
				}
			}
		})
	}
}
