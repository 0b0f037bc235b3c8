package config_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestUnmarked finds the identities that answer people and say nothing about themselves.
func TestUnmarked(t *testing.T) {
	t.Parallel()
	const reply, publish = `actions: [ { reply: { content: "Hi" } } ]`, `actions: [ { publish: { content: "Hi" } } ]`
	mention := func(more string) string { return "{ trigger: { mention: {} }, " + more + " }" }
	for name, tt := range map[string]struct {
		profile string
		rules   []string
		want    string
	}{
		"answers":                   {"", []string{mention(reply)}, "main r0"},
		"two rules":                 {"", []string{mention(publish), mention(reply), mention(reply)}, "main r1 r2"},
		"only publishes":            {"", []string{mention(publish)}, ""},
		"a feed":                    {"", []string{"{ trigger: { feed: { url: https://blog.example/feed } }, " + publish + " }"}, ""},
		"a profile":                 {", profile: { about: x }", []string{mention(reply)}, ""},
		"none is wanted":            {", profile: false", []string{mention(reply)}, ""},
		"disabled":                  {"", []string{mention("enabled: false, " + reply)}, ""},
		"a dry run":                 {"", []string{mention("dry_run: true, " + reply)}, ""},
		"as another":                {"", []string{mention("identity: other, " + reply)}, "other r0"},
		"one action is another's":   {"", []string{mention(`actions: [ { reply: { content: "Hi" }, identity: other } ]`)}, "other r0"},
		"as one of many":            {"", []string{mention("identity: { derive: main, path: \"${{ event.pubkey }}\" }, " + reply)}, ""},
		"one publishes, one speaks": {"", []string{mention(publish), mention("identity: other, " + reply)}, "other r1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := "version: 1\nrelays: [wss://relay.example]\nidentities:\n  main: { key: { env: KEY }" + tt.profile +
				" }\n  other: { key: { env: KEY } }\nrules:\n"
			for i, r := range tt.rules {
				text += fmt.Sprintf("  - { name: r%d, %s\n", i, strings.TrimPrefix(r, "{"))
			}
			var got []string
			for _, u := range parse(t, text).Unmarked() {
				got = append(got, u.Identity.Name)
				for _, r := range u.Rules {
					got = append(got, r.Name)
				}
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("got %v, want %q", got, tt.want)
			}
		})
	}
}
