package profile

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// desiredMark wants a profile to say that it is a bot's. Nobody has asked for it, so it takes nothing away: what a person
// has written stays as it is, letter for letter, and what cannot be read is not touched.
func desiredMark(name string) desired {
	return desired{
		kind: kindProfile,
		change: func(is *nostr.Event) (string, nostr.Tags, bool) {
			if is.ID == "" {
				return string(encoded(map[string]any{"name": name, "bot": true})), nil, true
			}
			if obstacle(is) != "" || saysBot(is.Content) {
				return is.Content, is.Tags, false
			}
			return marked(is.Content), is.Tags, true
		},
		obstacle: obstacle,
	}
}

// marked writes bot: true before the first field of a profile.
func marked(content string) string {
	before, after, _ := strings.Cut(content, "{")
	comma := ","
	if strings.HasPrefix(strings.TrimSpace(after), "}") {
		comma = ""
	}
	return before + `{"bot":true` + comma + after
}

// saysBot reports whether a profile says whether it is a bot's.
func saysBot(content string) bool {
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(content), &fields) != nil {
		return false
	}
	_, ok := fields["bot"]
	return ok
}

// obstacle says why a profile cannot be marked; "" when it can, or is.
func obstacle(is *nostr.Event) string {
	var fields map[string]json.RawMessage
	switch {
	case json.Unmarshal([]byte(is.Content), &fields) != nil || fields == nil:
		return "the profile is not the JSON that it should be"
	case saysBot(is.Content) && !isTrue(fields["bot"]):
		return "the profile says something else of bot than true"
	case !isClean(is):
		return "the profile holds characters that must not be published"
	case len(is.Content) > engine.MaxEventBytes/2:
		return "the profile is too large"
	}
	return ""
}

// isClean reports whether an event would be published with its content and tags as they are.
func isClean(e *nostr.Event) bool {
	for _, tag := range e.Tags {
		if len(tag) == 0 || tag[0] == "" || slices.ContainsFunc(tag, func(v string) bool { return engine.Clean(v) != v }) {
			return false
		}
	}
	return engine.Clean(e.Content) == e.Content
}

func isTrue(raw json.RawMessage) bool { return string(raw) == "true" }
