package examples_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nbd-wtf/go-nostr"
)

// recipe copies a recipe with some of its text replaced, so that a test need not wait for Thursday. The changes are
// pairs of what stands there and what shall stand there.
func recipe(t *testing.T, name string, changes ...string) *bot {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(filepath.Join("recipes", name))); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "bot.yaml")
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(body)
	for pair := range slices.Chunk(changes, 2) {
		if !strings.Contains(text, pair[0]) {
			t.Fatalf("%s does not say %q", name, pair[0])
		}
		text = strings.ReplaceAll(text, pair[0], pair[1])
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return newBot(t, path)
}

// everySecond is what the tests put in the place of a cron line. What a bot says it then says again and again.
const everySecond = "every: 1s"

// TestMeetup compares the day of the month with another number than 7, so that the date of the test does not matter.
func TestMeetup(t *testing.T) {
	t.Parallel()
	s := recipe(t, "meetup", `cron: "0 18 * * THU"`, everySecond, "<= 7", "<= 31").run(t)
	note := s.sees()
	if note.Kind != 1 || note.Content != "Meetup tonight at 19:00. Everybody is welcome!" {
		t.Errorf("the bot published %s", note)
	}
	hasTags(t, note, nostr.Tags{{"t", "meetup"}, {"t", "berlin"}})
}

func TestGoodMorning(t *testing.T) {
	t.Parallel()
	s := recipe(t, "good-morning", `cron: "30 7 * * MON-FRI"`, everySecond, ", jitter: 10m", "").run(t)
	note := s.sees()
	if note.Kind != 1 || !slices.Contains([]string{"Good morning!", "GM, Nostr.", "Another day, another note."}, note.Content) {
		t.Errorf("the bot published %s", note)
	}
	if len(tagsOf(note, "expiration")) != 1 {
		t.Errorf("the greeting does not expire: %v", note.Tags)
	}
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
			b := recipe(t, "price-bot", `cron: "0 */6 * * *"`, everySecond, "https://api.example/btc.json", newAPI(t, tc.answer).URL)
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
