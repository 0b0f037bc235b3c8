package recipes

import (
	"regexp"
	"strings"
)

// What every recipe says in these words, once, so that it can be made somebody's own.
const (
	exampleKey    = "{ env: BOT_NSEC }"
	exampleRelays = "[wss://relay.one.example, wss://relay.two.example]"
)

// exampleName finds the name in the profile of a recipe's first identity; feeds have profiles of their own.
var exampleName = regexp.MustCompile(`(\n    profile: \{ name: )([^,}]+)`)

// BotName is what the bot is called in its profile, "" for one that has no name of its own.
func (r Recipe) BotName() string {
	if found := exampleName.FindSubmatch(r.text); found != nil {
		return string(found[2])
	}
	return ""
}

// Own returns the recipe's bot.yaml for somebody's own bot. The values are YAML: a scalar for the name, and for the key
// and the relays what stands behind the colon.
func (r Recipe) Own(name, key, relays string) []byte {
	text := strings.Replace(string(r.text), exampleKey, key, 1)
	text = strings.Replace(text, exampleRelays, relays, 1)
	if at := exampleName.FindStringSubmatchIndex(text); at != nil {
		text = text[:at[4]] + name + text[at[5]:]
	}
	return []byte(text)
}
