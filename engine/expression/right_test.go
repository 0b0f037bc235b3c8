package expression_test

import (
	"testing"

	"rhea/engine/expression"
)

const (
	somebody = "npub180cvv07tjdrrgpa0j7j7tmnyl2yr6yr7l8j4s3evf6u64th6gkwsyjh6w6"
	someNote = "note1fntxtkcy9pjwucqwa9mddn7v03wwwsu9j330jj350nvhpky2tuaspk6nqc"
)

// TestNothingIsWrong are right spellings near to what is warned about.
func TestNothingIsWrong(t *testing.T) {
	t.Parallel()
	for _, source := range []string{
		// Patterns.
		"event.content matches `\\bhello\\b`",
		`event.content matches "\\bhello\\b"`,
		`event.content matches '(?i)\\bhello\\b'`,
		`event.content matches "(?i)hello"`,
		`event.content matches "\n"`,
		`event.content matches "a\tb"`,
		`event.content matches "and/or"`,
		`event.content matches "https://[^/]+/"`,
		`event.content matches "^/help"`,
		`event.content matches "^/help$"`,
		`event.content matches "/"`,
		`event.content matches "//"`,
		`event.content matches "[/]help[/]"`,
		`relay matches "/blog/"`,
		`relay matches "/avatars/"`,
		`relay matches "/inbox/"`,
		`any(words, # matches "/blog/")`,
		`event.content matches "\\x08"`,
		`event.content contains "\\"`,
		`not (event.content matches "^!")`,
		`event.content contains "/hello/"`,
		// Names of people and events.
		`author.pubkey == hex("` + somebody + `")`,
		`author.pubkey in [hex("` + somebody + `"), author.pubkey]`,
		`author.pubkey == "3bf0c63fcb93463407af97a5e5ee64fa883d107ef9e558472c4eb9aaaefa459d"`,
		`event.content contains "` + somebody + `"`,
		`event.content contains "nostr:` + somebody + `"`,
		`event.content startsWith "npub1"`,
		`npub(author.pubkey) == "` + somebody + `"`,
		`"` + somebody + `" in words`,
		`hex("` + somebody + `") in event.tags_of("p")`,
		`event.tag("t") == "npub1"`,
		`event.tag("d") == "` + someNote + `"`,
		`event.id == hex("` + someNote + `")`,
		`item.title contains "npub1"`,
		`npub(author.pubkey) startsWith "npub1"`,
		// Operators, names and words of ours that others write in another way.
		`event.content contains "x" and not (event.content contains "y")`,
		`event.content not contains "x"`,
		`event.kind in [1, 1111]`,
		`any(event.hashtags, # in ["a"])`,
		`len(event.content) > 3`,
		`now.Hour() == 3`,
		`event.created_at > now - duration("1h")`,
		`upper(event.content) == "A"`,
		`map(event.hashtags, ({a: #})) != nil`,
		`map(event.hashtags, {upper(#)}) != []`,
		`filter(event.hashtags, {len(#) > 2}) != []`,
		`{"a": 1}.a == event.kind`,
		`event.content[0:5] == "hello"`,
		`author.name == nil`,
		`now > date("2026-01-31")`,
		`format(now, "2006-01-02") != ""`,
		`format(now, "15:04", "Europe/Berlin") != ""`,
		`format(now, "Monday, 2 January") != ""`,
		`format(now, "Jan") != ""`,
		`format(now, relay) != ""`,
		`format(now, "") != "x"`,
	} {
		if _, findings := compiler(t).Condition(source); len(findings) > 0 {
			t.Errorf("%s: %v %v", source, findings[0].Message, findings[0].Hint)
		}
	}
}

// TestTextsAreAsWritten are texts with braces that are meant.
func TestTextsAreAsWritten(t *testing.T) {
	t.Parallel()
	for _, source := range []string{
		`$${{ event.content }}`, `{{citation needed}}`, `{{ name of the game }}`, `{"a": {"b": 1}}`, `{"event":{"content":"x"}}`,
		`{{c1::cloze}}`, `{{ unheard_of }}`, `{{.unheard}}`, `{author}`, `{a.b}`, `{{}}`, `{{ }}`, `\frac{{a}}{{b}}`, `{ event.content }`,
		`${{ {"a": {"b": 1}}.a.b }}`, `{event.nothing}`, `{{ event.nothing }}`, `<% event.content %>`, `{{#if}}`, `{{/if}}`,
		`[[ event.content ]]`, `event.content`,
	} {
		template, findings := expression.Split(source)
		if len(findings) == 0 {
			_, findings = compiler(t).Text(template)
		}
		if len(findings) > 0 {
			t.Errorf("%s: %v", source, findings[0].Message)
		}
	}
}

// TestBracesOfOthers finds the place and says what to write.
func TestBracesOfOthers(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`{{ event.content }}`:           "write ${{ event.content }} for the value",
		`ä {{event.content}}!`:          "write ${{ event.content }} for the value",
		`{{ event.content | upper }}`:   "write ${{ event.content }} for the value",
		`{{.Title}} {{ nothing.else }}`: "write ${{ item.title }} for the value",
		`{{ .Event.Content }}`:          "",
		`{{ content }}`:                 "write ${{ event.content }} for the value",
		`{{- item.title -}}`:            "write ${{ item.title }} for the value",
		`{item.title} by x`:             "write ${{ item.title }} for the value",
		`{{ outputs.price.body }}`:      "write ${{ outputs.price.body }} for the value",
		`{{ now }}`:                     "write ${{ now }} for the value",
	} {
		template, _ := expression.Split(source)
		_, findings := compiler(t).Text(template)
		switch {
		case want == "":
		case len(findings) != 1 || !findings[0].Warning || findings[0].Hint != want:
			t.Errorf("%s: %+v", source, findings)
		}
	}
	template, _ := expression.Split(`ä {{event.content}}!`)
	if _, findings := compiler(t).Text(template); len(findings) != 1 || findings[0].Offset != 2 {
		t.Errorf("the place is %+v", findings)
	}
}
