package expression_test

import (
	"strings"
	"testing"

	"rhea/engine/expression"
)

// Each case is an expression with a caret line below it, the code and the message with its hint.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ source, caret, code, message string }{
		{`event.contnt == "x"`, `      ^`, "expr-name", "event has no contnt; did you mean content?"},
		{`evnt.content == "x"`, `^`, "expr-name", "there is no evnt here; did you mean event?"},
		{`  event.hashtag == nil`, `        ^`, "expr-name", "event has no hashtag; did you mean hashtags?"},
		{`event.parent_idd == ""`, `      ^`, "expr-name", "event has no parent_idd; did you mean parent_id?"},
		{`lenn(event.content) > 3`, `^`, "expr-name", "there is no lenn here; did you mean len?"},
		{`trunkate(event.content, 3) == ""`, `^`, "expr-name", "there is no trunkate here; did you mean truncate?"},
		{`xyzzy`, `^`, "expr-name", "there is no xyzzy here; write a condition, such as event.content contains \"xyzzy\"; this trigger offers answer, author, bot, event, item, now, outputs, relay, rule, words"},
		{`event.content`, `^`, "expr-type", "this is a string, a condition must be true or false"},
		{` len(event.content)`, ` ^`, "expr-type", "this is a number, a condition must be true or false"},
		{`event.hashtags`, `^`, "expr-type", "this is a list of strings, a condition must be true or false"},
		{`event.kind == "1"`, `           ^`, "expr-type", "== does not fit a number and a string; a number stands without quotes"},
		{`event.kind != "1"`, `           ^`, "expr-type", "!= does not fit a number and a string; a number stands without quotes"},
		{`event.kind + event.content == ""`, `           ^`, "expr-type", "+ does not fit a number and a string; string(…) makes a text of a number"},
		{`truncate(event.content) == ""`, `^`, "expr-type", "not enough arguments for truncate; write truncate(text, n) string"},
		{`truncate(event.hashtags, 3) == ""`, `               ^`, "expr-type", "truncate wants a string here, this is a list of strings"},
		{`event.tag(1) == ""`, `          ^`, "expr-type", "tag wants a string here, this is a number"},
		{`event.tag() == ""`, `      ^`, "expr-type", "not enough arguments for tag"},
		{`pick(event.content) == ""`, `^`, "expr-type", "pick wants a list, this is a string"},
		{`pick(words, "2") == nil`, `^`, "expr-type", "pick wants a number of elements, this is a string"},
		{`random("1", 2) == 1`, `^`, "expr-type", "random wants two whole numbers, this is a string"},
		{`random(6) == 1`, `^`, "expr-type", "not enough arguments for random; write random(a, b) number"},
		{`capture(event.content, "(") == nil`, `                       ^`, "expr-syntax", "a closing ) is missing in this regular expression; write \\( for the character itself, and the pattern in backticks"},
		{`captures(event.content, 1) == []`, `^`, "expr-type", "captures wants a text and a regular expression, this is a number"},
		{`ago(event.content) == ""`, `^`, "expr-type", "ago wants a time, this is a string"},
		{`"ä🦩" == event.contnt`, `              ^`, "expr-name", "event has no contnt; did you mean content?"},
		{`event.content matches "("`, `                      ^`, "expr-syntax", "a closing ) is missing in this regular expression; write \\( for the character itself, and the pattern in backticks"},
		{`event.content = "x"`, `              ^`, "expr-syntax", `unexpected "="; == compares`},
		{`event.content ==`, `                ^`, "expr-syntax", "the expression ends too early"},
		{`event.content == "x`, `                 ^`, "expr-syntax", "this string is never closed"},
		{`trunkate(relay, 3) == ""`, `^`, "expr-name", "there is no trunkate here; did you mean truncate?"},
		{`event.created_at > "2026-01-31"`, `                 ^`, "expr-type", "> does not fit a time and a string; write date(\"2026-01-31\")"},
		{`event.content contain "x"`, `              ^`, "expr-syntax", `unexpected "contain"; did you mean contains?`},
		{`event.content like "%x%"`, `              ^`, "expr-syntax", `unexpected "like"; texts are compared by contains, startsWith, endsWith and matches`},
		{`event.content =~ "x"`, `              ^`, "expr-syntax", `unexpected "="; matches compares with a regular expression`},
		{`author.name ?? "" contains "bot"`, `                  ^`, "expr-syntax", "it is not clear what comes first here: ?? or contains; write parentheses, such as (a ?? \"\") contains b"},
		{`$env.event == nil`, `^`, "expr-forbidden", "$env is not offered; this trigger offers answer, author, bot, event, item, now, outputs, relay, rule, words"},
		{`Step() == nil`, `^`, "expr-forbidden", "Step is not offered; this trigger offers answer, author, bot, event, item, now, outputs, relay, rule, words"},
		{`outputs.prise.body == 1`, `        ^`, "unknown-output", "no earlier action has the id prise; did you mean outputs.price?"},
		{`outputs.later == 1`, `        ^`, "unknown-output", "outputs.later is used before the action with this id has run; actions run in order: move it up"},
		{`any(words, any(words, any(words, # == "a")))`, `                      ^`, "expr-loop", "loops are nested 3 deep here, 2 is the most; take the inner loop apart with let, or use in, contains or any"},
		{`any(event.content, true)`, `          ^`, "expr-type", "any wants a list, this is a string"},
		{`any(words, 1)`, `           ^`, "expr-type", "this is a number, the test of a loop must be true or false"},
		{`env("HOME") == ""`, `^`, "expr-name", "there is no env here; write ${NAME} outside of expressions"},
		{``, `^`, "expr-syntax", "there is no condition here"},
	} {
		t.Run(c.source, func(t *testing.T) {
			t.Parallel()
			_, findings := compiler(t).Condition(c.source)
			if len(findings) != 1 {
				t.Fatalf("findings: %v", findings)
			}
			f := findings[0]
			message := f.Message
			if f.Hint != "" {
				message += "; " + f.Hint
			}
			if f.Code != c.code || message != c.message || f.Offset != strings.Index(c.caret, "^") || f.Warning {
				t.Errorf("got %s at %d: %s", f.Code, f.Offset, message)
			}
		})
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`false`:                             "this condition is always false: it never lets anything through",
		`1 > 2`:                             "this condition is always false: it never lets anything through",
		`"a" in ["a"]`:                      "this condition is always true",
		`false and relay == "x"`:            "this condition is always false: it never lets anything through",
		`format(now, "YYYY-MM-DD") == ""`:   "this layout shows nothing of the time: it is written as it stands",
		`any(event.tags, any(#, # == "x"))`: "a loop inside a loop over event.tags is slow for events with many tags",
	} {
		_, findings := compiler(t).Condition(source)
		if len(findings) != 1 || !findings[0].Warning || findings[0].Message != want {
			t.Errorf("%s: %v", source, findings)
		}
	}
}

// TestNoWordsOfGo: what libraries say is put into plain words, before and while a rule runs.
func TestNoWordsOfGo(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`${{ 0x }}`:                               "this is no number that can be reckoned with",
		`${{ 99999999999999999999 }}`:             "this is no number that can be reckoned with",
		`${{ first() }}`:                          "the number of arguments is 1 here, not 0",
		`${{ map(words) }}`:                       "this wants at least 2 arguments",
		`${{ let now = 1; now }}`:                 "the name now is taken: choose another one",
		`${{ now[0] }}`:                           "this has no elements",
		`${{ § }}`:                                "§ means nothing here",
		`${{ /* x }}`:                             "this comment is never closed",
		`${{ int(relay) }}`:                       `int wants a number, and "wss://relay.example" is none`,
		`${{ date(relay) }}`:                      `"wss://relay.example" is no date such as "2026-01-31"`,
		`${{ duration(relay) }}`:                  `"wss://relay.example" is no time span such as "90m" or "48h"`,
		`${{ fromJSON(relay + "{") }}`:            "this is not JSON: 'w' cannot stand there",
		`${{ fromBase64("!" + relay) }}`:          "this is not base64",
		`${{ relay matches ("(" + relay) }}`:      "a closing ) is missing in this regular expression",
		`${{ date("2026-01-01", "x" + relay) }}`:  `"2026-01-01" does not have the layout "xwss://relay.example"`,
		`${{ string(now.In(timezone(relay))) }}`:  `there is no time zone "wss://relay.example"`,
		`${{ words[99] }}`:                        "there is no element 99: the first of ",
		`${{ reduce(filter(words, false), # ) }}`: "reduce wants a list that is not empty",
		`${{ parse_json(relay) }}`:                "this is not JSON: line 1: 'w' cannot stand here",
	} {
		_, err := evalText(t, source)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", source, err, want)
		}
		for _, word := range []string{"strconv", "time:", "parsing", "regexp:", "reflect", "interface", "json:", "type "} {
			if err != nil && strings.Contains(err.Error(), word) {
				t.Errorf("%s: %v has the word %s", source, err, word)
			}
		}
	}
}

func TestTemplateMistakes(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`🦩 ${{ event.content`:            "this ${{ is never closed (character 3): close it with }}, or write $${{ for the characters themselves",
		`a ${{ }} b`:                     "there is no expression between ${{ and }} (character 3)",
		`a ${1x} b`:                      "${ must begin ${NAME}, ${NAME:-default} or ${{ expression }} (character 3): write $${ for the characters themselves",
		`🦩 ${{ "ä" + contnt }}`:          "there is no contnt here (character 13): did you mean event.content?",
		`${{ event }}`:                   "this is an event, not a text (character 5): name one of its members, or write json(…)",
		`${{ mention("npub1x") }}`:       "mention: not a public key; write npub1…, nprofile1… or 64 hex characters (character 13)",
		`${{ npub(nprofile("alice")) }}`: "nprofile: not a public key; write npub1…, nprofile1… or 64 hex characters (character 19)",
		`${{ event.tag }}`:               "this is a function (character 5): call it with its arguments in parentheses",
		`${{ a }} ${{ b }}`:              "there is no a here (character 5): this trigger offers answer, author, bot, event, item, now, outputs, relay, rule, words\nthere is no b here (character 14): this trigger offers answer, author, bot, event, item, now, outputs, relay, rule, words",
		`${{ "never closed }} x`:         "this string is never closed (character 5)",
		`${{ {"a": 1 }} x`:               `the expression ends too early (character 12)`,
		"${{ relay +\n  \"ä\" + nope }}": "there is no nope here (character 21): a text stands in quotes: \"nope\"",
	} {
		if _, err := evalText(t, source); err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", source, err, want)
		}
	}
}

func TestWhole(t *testing.T) {
	t.Parallel()
	for source, offset := range map[string]int{
		"contnt":           0,
		" contnt ":         1,
		"${{ contnt }}":    4,
		"\n ${{contnt}}\n": 5,
	} {
		_, findings := compiler(t).Condition(source)
		if len(findings) != 1 || findings[0].Offset != offset {
			t.Errorf("%q: %+v", source, findings)
		}
	}
	if got := expression.Nearest("hashtag", []string{"content", "hashtags"}); got != "hashtags" {
		t.Error(got)
	}
}
