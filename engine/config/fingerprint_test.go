package config_test

import (
	"cmp"
	"path/filepath"
	"strings"
	"testing"

	"rhea/engine/config"
)

// TestFingerprint changes a rule: its fingerprint changes when its conditions or actions mean something else.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	const file = `version: 1
identities: { main: { key: { env: A } } }
relays: { default: [wss://relay.example], quick: [wss://quick.example] }
data: { words: words.json, others: others.json }
rules:
  - name: a
    trigger: { mention: {} }
    if: event.content contains data.words.good
    limit: { author: 3/1h }
    actions:
      - log: { content: "hi ${{ event.content }} ${PLACE}" }
        relays: quick
      - log: { content: "it's" }
`
	fingerprint := func(t *testing.T, text, words, others, place string) string {
		t.Helper()
		dir := write(t, map[string]string{"bot.yaml": text, "words.json": words, "others.json": others})
		opts := options()
		opts.LookupEnv = func(name string) (string, bool) { return place, name == "PLACE" }
		f, err := config.Load([]string{filepath.Join(dir, "bot.yaml")}, opts)
		if err != nil {
			t.Fatal(err)
		}
		return f.Rules[0].Fingerprint
	}
	const words, others = `{"good":"yes","bad":"no"}`, `[1]`
	before := fingerprint(t, file, words, others, "here")
	if len(before) != 16 {
		t.Fatalf("the fingerprint is %q", before)
	}
	for name, tt := range map[string]struct {
		old, new, words, others, place string
		changes                        bool
	}{
		"nothing":                          {},
		"a comment":                        {old: "    actions:\n", new: "    # What it says.\n    actions: # Two.\n\n"},
		"quotes":                           {old: `content: "it's"`, new: `content: 'it''s'`},
		"another style":                    {old: `log: { content: "it's" }`, new: "log:\n          content: it's"},
		"a list of one":                    {old: "if: event.content contains data.words.good", new: "if: [ \"${{ event.content contains data.words.good }}\" ]"},
		"spaces in the brackets":           {old: "${{ event.content }}", new: "${{event.content}}"},
		"the order of keys":                {old: "      - log: { content: \"hi ${{ event.content }} ${PLACE}\" }\n        relays: quick", new: "      - relays: quick\n        log: { content: \"hi ${{ event.content }} ${PLACE}\" }"},
		"what is no condition":             {old: "limit: { author: 3/1h }", new: "limit: { author: 4/1h }"},
		"the name of the rule":             {old: "name: a", new: "name: b"},
		"data that it does not name":       {others: `[2]`},
		"data that is written differently": {words: `{ "bad": "no", "good": "yes" }`},
		"the condition":                    {old: "contains", new: "startsWith", changes: true},
		"a second condition":               {old: "if: event.content contains data.words.good", new: "if: [ event.content contains data.words.good, event.kind == 1 ]", changes: true},
		"no condition":                     {old: "    if: event.content contains data.words.good\n", new: "", changes: true},
		"a text":                           {old: "it's", new: "its", changes: true},
		"an expression":                    {old: "event.content }}", new: "event.pubkey }}", changes: true},
		"a text that was an expression":    {old: "${{ event.content }}", new: "event.content", changes: true},
		"a space in a text":                {old: "hi ${{", new: "hi  ${{", changes: true},
		"the order of actions":             {old: "      - log: { content: \"it's\" }\n", new: "      - log: { content: \"it's\" }\n      - log: { content: \"it's\" }\n", changes: true},
		"on_error":                         {old: "relays: quick", new: "relays: quick\n        on_error: continue", changes: true},
		"a set of relays":                  {old: "wss://quick.example", new: "wss://slow.example", changes: true},
		"the environment":                  {place: "there", changes: true},
		"data that it names":               {words: `{"good":"aye","bad":"no"}`, changes: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.old != "" && !strings.Contains(file, tt.old) {
				t.Fatalf("there is no %q", tt.old)
			}
			after := fingerprint(t, strings.Replace(file, tt.old, tt.new, 1), cmp.Or(tt.words, words), cmp.Or(tt.others, others), cmp.Or(tt.place, "here"))
			if (after != before) != tt.changes {
				t.Errorf("the fingerprint was %s and is %s", before, after)
			}
		})
	}
}
