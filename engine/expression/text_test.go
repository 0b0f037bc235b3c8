package expression_test

import "testing"

func TestText(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`plain`:                                     "plain",
		``:                                          "",
		`a $${{ b $$ $5 c`:                          "a ${{ b $ $5 c",
		`${{ event.content }}`:                      "Hello bot 🦩",
		`Hi ${{ author.name ?? "there" }}!`:         "Hi Ada!",
		`${{ author.bot }}`:                         "",
		`${{ {"a": {"b": "}}"}}.a.b }}!`:            "}}!",
		"${{ 'a }} b' }}!":                          "a }} b!",
		"${{ \"a }} b\" }}!":                        "a }} b!",
		"${{ `a }} b` }}!":                          "a }} b!",
		"${{ 'it\\'s }}' + \"\\\"}}\" }}!":          "it's }}\"}}!",
		"${{ `\\` + '}}' }}!":                       "\\}}!",
		`${{ outputs.price.body.usd }} USD`:         "63000 USD",
		`${{ 0.1 }} ${{ 1e21 }} ${{ -3.0 }}`:        "0.1 1e+21 -3",
		`${{ event.hashtags }}`:                     "nostr, golang",
		`${{ event.tag("p") }}`:                     pubkey,
		`${{ event.tags_of("t") | map(upper(#)) }}`: "NOSTR, GOLANG",
		`${{ event.parent_id }}`:                    "parent",
		`${{ event.tags }}`:                         `[["t","nostr"],["t","golang"],["p","` + pubkey + `"]]`,
		`${{ event.created_at }}`:                   "2026-03-04T09:00:00Z",
		`${{ now.Year() }}`:                         "2026",
		`${{ ago(event.created_at) }}`:              "3 hours ago",
		`${{ item.published }}`:                     "",
		`${{ true }}`:                               "true",
		`${{ nil }}`:                                "",
		`${{ {"a": [1, 2.5, nil]} }}`:               `{"a":[1,2.5,null]}`,
		`${{ rule.name }} ${{ bot.name }}`:          "greet main",
		`${{ event.content + "!" + relay }}`:        "Hello bot 🦩!wss://relay.example",
	} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			got, err := evalText(t, source)
			if err != nil || got != want {
				t.Errorf("got %q, %v; want %q", got, err, want)
			}
		})
	}
}
