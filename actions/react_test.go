package actions_test

import "testing"

func TestReactions(t *testing.T) {
	t.Parallel()
	good := []string{"+", "-", "🤙", "❤️", "❤", "👍🏽", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "1️⃣", "#⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "⚡", "☕", "™️", "‼️", "↗️", "🫡", "🧑🏿‍🤝‍🧑🏻", " 🔥 "}
	bad := []string{"a", "++", "nice", "🔥🔥", "🔥 🔥", "🇩🇪🇩", "🇩", "🤙!", "1", "\u200d", "🔥\u200d", "<", "=", ":a b:", ":soapbox", "\u202e", "é", "中"}
	for _, s := range good {
		if _, err := build(t, "react", `{"content": "`+s+`"}`); err != nil {
			t.Errorf("%q is refused: %v", s, err)
		}
	}
	for _, s := range bad {
		if _, err := build(t, "react", `{"content": "`+s+`"}`); err == nil {
			t.Errorf("%q passes", s)
		}
	}
}
