package cmd

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rhea/cmd/screen"
)

// TestBanner shows the start of a bot at 80 columns.
func TestBanner(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 3, 20, 0, 0, time.UTC)
	zone := time.FixedZone("CET", 3600)
	next, due := time.Date(2026, 11, 23, 8, 0, 0, 0, zone), now
	s := startReport{
		Version: "1.2.3", State: "/srv/bots/bot/rhea.db", Mode: "dry run: nothing is published or stored",
		Identities: []startIdentity{
			{Name: "main", Npub: "npub1lycg5qvjtrp3qjf5f7zl382j9x6nrjz9sdhenvyxq8c3808qxmus6gq266", Marked: "greet"},
			{Name: "日本語の名前", Npub: "npub1ujfahuwppkq0xkq7fyzfxzc5qnxxcyuspms8tpr5l222h6xye5fsccv64k"},
		},
		Relays: []startRelay{
			{Relay: "wss://good.example", State: linkUp},
			{Relay: "wss://slow.example", State: linkConnecting},
			{Relay: "wss://down.example/?token=…", State: linkDown, Reason: "connect: dial tcp: lookup down.example\x1b[31m on 10.0.0.1:53: no such host"},
			{Relay: "wss://own.example", State: linkIdle},
		},
		Rules: []startRule{
			{Rule: "greet", Triggers: []startTrigger{{Kind: "mention", Relays: 2}, {Kind: "reply", Relays: 1}}},
			{Rule: "a rule with a name that is long", Triggers: []startTrigger{{Kind: "schedule", Next: &next}}},
			{Rule: "blog", DryRun: true, Triggers: []startTrigger{{Kind: "feed", Next: &due, Note: "blog.example, first look"}}},
			{Rule: "off", Off: "disabled"},
			{Rule: "flood", Off: "held: 25 new items at once, and 10 are likely: none is posted until rhea resume flood", Triggers: []startTrigger{{Kind: "feed", Next: &due}}},
		},
	}
	got := s.text(screen.Paint{}, now)
	for line := range strings.Lines(got) {
		if screen.WidthOf(line) > screen.Width+1 || strings.Contains(line, "\x1b") {
			t.Errorf("too wide or not harmless: %q", line)
		}
	}
	path := filepath.Join("testdata", "golden", "banner.txt")
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || got != string(want) {
		t.Errorf("%v; the banner is\n%s\nwant\n%s", err, got, want)
	}
	if painted := s.text(screen.Paint{On: true, Ink: "\x1b["}, now); strings.Count(painted, "\x1b[1m") != 1 {
		t.Errorf("on a terminal the first line stands out: %q", painted)
	}
	for range 100 {
		s.MoreRules++
		s.Relays = append(s.Relays, startRelay{Relay: "wss://good.example", State: linkUp})
	}
	if many := s.text(screen.Paint{}, now); strings.Count(many, "\n") > 30 || !strings.Contains(many, "  and 100 more rules; see rhea status\n") ||
		!strings.Contains(many, "  and 92 more relays; see rhea status\n") {
		t.Errorf("of many rules it says\n%s", many)
	}
}
