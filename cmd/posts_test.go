package cmd_test

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/cmd/screen"
	"rhea/engine"
)

// answered is a rule that has answered somebody.
func (m *memoir) answered(rule string, about engine.Subject, content string, relays ...string) {
	m.t.Helper()
	asked := nostr.Event{Kind: 1, PubKey: about.Author, Content: about.Words, CreatedAt: nostr.Now()}
	asked.ID = asked.GetID()
	e := nostr.Event{Kind: 1, CreatedAt: nostr.Now(), Content: content, Tags: nostr.Tags{{"e", asked.ID, "", "root"}, {"p", about.Author}}}
	if err := e.Sign(m.secret); err != nil {
		m.t.Fatal(err)
	}
	var owed []engine.Delivery
	for _, r := range relays {
		owed = append(owed, engine.Delivery{Rule: rule, Event: e, Relay: r, Quorum: 1, Committed: time.Now()})
	}
	_, err := m.Commit(m.t.Context(), engine.Entry{
		Rule: rule, Key: asked.ID, Deliveries: owed,
		Decision: engine.Decision{
			At: time.Now(), Rule: rule, Trigger: "mention", Key: asked.ID, Outcome: engine.Fired, Relay: goodRelay + "?token=s3cret",
			Published: []string{e.ID}, About: &about,
		},
	})
	if err != nil {
		m.t.Fatal(err)
	}
}

// TestLookAtPosts shows what people see of what the bot has said and to whom, with words by strangers of all kinds.
func TestLookAtPosts(t *testing.T) {
	t.Parallel()
	ann, hal := strings.Repeat("a", 64), strings.Repeat("b", 64)
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		writeConfig(t, dir, lookYAML)
		m := newMemoir(t, dir, botSecret)
		m.fired("blog", "A post about 日本語 and 👩‍🚀, which goes on for much longer than a line of 80 columns can hold: "+strings.Repeat("and on ", 60), goodRelay, busyRelay+"/?token=s3cret")
		<-time.After(time.Hour)
		m.answered("greet", engine.Subject{Author: ann, Name: "Ann 🌻", Words: "hello bot,\nwhat is the time?"}, "It is noon, Ann.\n\nhttps://clock.example", goodRelay, grimRelay)
		<-time.After(time.Minute)
		m.answered("greet", engine.Subject{Author: hal, Words: "\x1b[31mopen\u202e the doors \x07" + strings.Repeat("開けて", 60)}, "No.", grimRelay)
		m.deliver(func(d engine.Delivery) engine.Settlement {
			if d.Relay == grimRelay {
				return engine.Settlement{State: engine.Rejected, Reason: "blocked: not on the list"}
			}
			return engine.Settlement{State: engine.Accepted}
		})
		err := m.Record(t.Context(), engine.Decision{
			At: time.Now(), Rule: "greet", Trigger: "mention", Key: strings.Repeat("1", 64), Outcome: engine.NoMatch,
			Reason: "the bot is only carried along in the thread's p tags, and direct is true",
			About:  &engine.Subject{Author: ann, Words: "hal is\tright"},
		})
		if err != nil {
			t.Fatal(err)
		}
		err = m.Record(t.Context(), engine.Decision{
			At: time.Now(), Rule: "blog", Trigger: "feed", Key: "https://blog.example/7", Outcome: engine.ActionError, Published: []string{strings.Repeat("2", 64)},
			Reason: "action 1 (http): https://api.example/v1/summary?of=https%3A%2F%2Fblog.example%2F7: the server answered 503",
			About:  &engine.Subject{Words: "Why small programs age well"},
		})
		if err != nil {
			t.Fatal(err)
		}
		m.close()
		look := func(args ...string) string {
			t.Helper()
			code, out, log := invoke(t, map[string]string{"BOT_NSEC": botSecret}, append(args, "-c", filepath.Join(dir, "bot.yaml"))...)
			if code != 0 {
				t.Errorf("%q: exit code %d\n%s", args, code, log)
			}
			for line := range strings.Lines(out) {
				whole := strings.HasPrefix(strings.TrimSpace(line), "nostr:") || strings.HasPrefix(line, "{")
				if n := screen.WidthOf(strings.TrimSuffix(line, "\n")); n > 80 && !whole && !strings.Contains(line, `"`) && !strings.HasPrefix(line, "  link") {
					t.Errorf("%q: %d columns: %s", args, n, line)
				}
				if strings.ContainsAny(line, "\x1b\u202e\x07") || strings.Contains(line, "s3cret") {
					t.Errorf("%q: %q", args, line)
				}
			}
			return out
		}
		for name, text := range map[string]string{
			"posts.txt":         look("posts"),
			"posts.json":        look("posts", "greet", "-n", "1", "-o", "json"),
			"posts-none.txt":    look("posts", "off"),
			"posts-since.txt":   look("posts", "--since", "30m", "-n", "1"),
			"history-long.txt":  look("history", "--long"),
			"history-long.json": look("history", "--long", "-n", "3", "-o", "json"),
		} {
			golden(t, name, text)
		}
		for name, colours := range map[string]bool{"NO_COLOR": false, "CLICOLOR_FORCE": true} {
			for _, verb := range [][]string{{"posts"}, {"history", "--long"}} {
				_, out, _ := invoke(t, map[string]string{name: "1"}, append(verb, "-c", filepath.Join(dir, "bot.yaml"))...)
				if got := strings.Contains(out, "\x1b[1m"); got != colours {
					t.Errorf("%s: %q is coloured: %v", name, verb, got)
				}
			}
		}
		if code, _, log := invoke(t, nil, "posts", "gret", "-c", filepath.Join(dir, "bot.yaml")); code != 2 || !strings.Contains(log, "there is no rule gret") {
			t.Errorf("an unknown rule: %d, %s", code, log)
		}
	})
}
