package expression_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rhea/engine"
	"rhea/engine/expression"
)

const npub = "npub180cvv07tjdrrgpa0j7j7tmnyl2yr6yr7l8j4s3evf6u64th6gkwsyjh6w6"

func TestFunctions(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`text("<p>a <b>b</b></p>")`:                                    "a b",
		`markdown("<p>a <b>b</b></p>")`:                                "a **b**",
		`truncate("hello big world", 11)`:                              "hello big…",
		`truncate(author.name, 99)`:                                    "Ada",
		`hashtags(["Go Lang", "nostr", "nostr", nil])`:                 "#golang #nostr",
		`hashtags("a #nostr b #go")`:                                   "#nostr #go",
		`hashtags(nil)`:                                                "",
		`npub("` + pubkey + `")`:                                       npub,
		`npub("` + npub + `")`:                                         npub,
		`hex(nprofile("nostr:` + npub + `"))`:                          pubkey,
		`hex(mention("` + npub + `"))`:                                 pubkey,
		`hex("` + npub + `")`:                                          pubkey,
		`hex(npub(author.pubkey)) == author.pubkey`:                    "true",
		`hex(nprofile(author.pubkey)) == author.pubkey`:                "true",
		`hex(nevent(author.pubkey)) == author.pubkey`:                  "true",
		`mention(author.pubkey) startsWith "nostr:npro"`:               "true",
		`format(event.created_at, "2006-01-02 15:04")`:                 "2026-03-04 09:00",
		`format(now, "15:04", "Europe/Berlin")`:                        "13:00",
		`format(0, "2006")`:                                            "1970",
		`ago(now)`:                                                     "just now",
		`ago(now - duration("26h"))`:                                   "1 day ago",
		`ago(now + duration("50h"))`:                                   "in 2 days",
		`pick(["same"])`:                                               "same",
		`pick(words) in words`:                                         "true",
		`pick(nil)`:                                                    "",
		`len(pick(["a", "b", "c"], 2))`:                                "2",
		`len(uniq(pick(["a", "b", "c"], 9)))`:                          "3",
		`len(pick(words, 0)) + len(pick(nil, 2))`:                      "0",
		`pick(words, 1)[0] in words`:                                   "true",
		`sort(shuffle(["c", "a", "b"])) | join("")`:                    "abc",
		`len(shuffle([])) + len(shuffle(nil))`:                         "0",
		`shuffle(words) == shuffle(words)`:                             "false",
		`random(5, 5)`:                                                 "5",
		`random(1, 6) in 1..6`:                                         "true",
		`random(-3, -1) < 0`:                                           "true",
		`random(-9223372036854775807 - 1, 9223372036854775807) != nil`: "true",
		`len(uniq(map(1..100, random(1, 1000000)))) > 90`:              "true",
		`random(1, 1000000) == random(1, 1000000)`:                     "false",
		`capture("roll 2d20", "(\\d+)d(\\d+)") | join(" ")`:            "2 20",
		`capture("call 0123", "[0-9]+")[0]`:                            "0123",
		`capture("none", "[0-9]+") == nil`:                             "true",
		`capture("none", "[0-9]+")?.[0] ?? "?"`:                        "?",
		`len(capture("a", "(a)(b)?"))`:                                 "2",
		`capture(nil, "x") == nil`:                                     "true",
		`capture("x" + author.name, "(" + author.name + ")")[0]`:       "Ada",
		`map(captures("a1 b2", "([a-z])([0-9])"), #[1]) | join("+")`:   "1+2",
		`len(captures("a", "b"))`:                                      "0",
		`captures("a1 b2", "[a-z][0-9]")[1][0]`:                        "b2",
		`args("/roll 20  'two words' \"a \\\"b\\\"\" don't “so it is”") | join("|")`: `/roll|20|two words|a "b"|don't|so it is`,
		`len(args(""))`:                                  "0",
		`args("a '' 'open end")[1:] | join("|")`:         "|open end",
		`json({"a": [1, "<b>"]})`:                        `{"a":[1,"<b>"]}`,
		`json(rule)`:                                     `{"name":"greet"}`,
		`json(event.hashtags)`:                           `["nostr","golang"]`,
		`parse_json("{\"a\": [1, 2.5]}").a[1]`:           "2.5",
		`parse_json("{\"id\": 9007199254740993}").id`:    "9007199254740993",
		`parse_json("1000000")`:                          "1000000",
		`url_encode("a b&c/ä+")`:                         "a%20b%26c%2F%C3%A4%2B",
		`replace("aXbX", "X", "-")`:                      "a-b-",
		`repeat("ab", 3)`:                                "ababab",
		`sanitize("hi") + "!"`:                           "hi!",
		`upper("a") | lower()`:                           "a",
		`words | filter(# != "one") | join("+")`:         "two",
		`len(event.hashtags) == 2 and event.kind in [1]`: "true",
		`event.kind == 1 and event.kind != 2`:            "true",
		`let n = author.name; n + "!"`:                   "Ada!",
		`author?.name ?? "x"`:                            "Ada",
		`event.tags[0][1]`:                               "nostr",
		`"t" in map(event.tags, #[0])`:                   "true",
		`event.hashtags == nil`:                          "false",
		`outputs.price.body.usd * 2`:                     "126000",
		`duration("90s")`:                                "1m30s",
		`[1, [2]]`:                                       "[1,[2]]",
		`flatten([["a"], ["b"]])`:                        "a, b",
	} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			got, err := evalText(t, "${{ "+source+" }}")
			if err != nil || got != want {
				t.Errorf("got %q, %v; want %q", got, err, want)
			}
		})
	}
}

// TestAbsent: what is not there is nil, never an error.
func TestAbsent(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`${{ author.name ?? "x" }}`:         "x",
		`${{ author.name }}`:                "",
		`${{ author.name == "Ada" }}`:       "false",
		`${{ author.pubkey == "Ada" }}`:     "false",
		`${{ author.pubkey != "Ada" }}`:     "true",
		`${{ event.hashtags }}`:             "",
		`${{ event.tag("t") ?? "x" }}`:      "x",
		`${{ event.content contains "x" }}`: "false",
		`${{ text(event.content) }}`:        "",
		`${{ author.name in ["a"] }}`:       "false",
		`${{ event.hashtags ?? ["y"] }}`:    "y",
	} {
		template, _ := expression.Split(source)
		text, findings := compiler(t).Text(template)
		if err := findings.Err(); err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got, err := text.Eval(&data{}); err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", source, got, err, want)
		}
	}
}

func TestMention(t *testing.T) {
	t.Parallel()
	template, _ := expression.Split(`${{ mention(author.pubkey) }} ${{ map([1], mention(author.pubkey)) }}`)
	text, findings := compiler(t).Text(template)
	if err := findings.Err(); err != nil {
		t.Fatal(err)
	}
	d := sample()
	if _, err := text.Eval(d); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%+v", d.Scope); strings.Count(got, pubkey) != 2 {
		t.Errorf("mentions: %s", got)
	}
}

func TestPickIsStable(t *testing.T) {
	t.Parallel()
	source := `${{ pick(["a", "b", "c", "d", "e", "f", "g", "h"]) }}`
	seen := map[string]bool{}
	for _, rule := range []string{"r1", "r2", "r3", "r4", "r5"} {
		template, _ := expression.Split(source)
		text, _ := compiler(t).Text(template)
		d := sample()
		d.Rule.Name = rule
		first, err := text.Eval(d)
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			if again, _ := text.Eval(d); again != first {
				t.Fatalf("%q, then %q", first, again)
			}
		}
		seen[first] = true
	}
	if len(seen) < 2 {
		t.Error("every rule picks the same")
	}
}

func TestValueKeepsItsType(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]any{
		`${{ event.kind }}`:             1,
		`${{ event.kind }} `:            "1 ",
		`${{ author.name }}`:            "Ada",
		`${{ author.bot }}`:             nil,
		`${{ outputs.price.body.usd }}`: 63000.0,
		`x`:                             "x",
	} {
		template, _ := expression.Split(source)
		value, findings := compiler(t).Value(template)
		if got, err := value.Eval(sample()); err != nil || got != want || findings.Err() != nil {
			t.Errorf("%s: got %#v, %v", source, got, err)
		}
	}
}

func TestTree(t *testing.T) {
	t.Parallel()
	one := func(source string) engine.Value {
		template, _ := expression.Split(source)
		v, findings := compiler(t).Value(template)
		if err := findings.Err(); err != nil {
			t.Fatal(err)
		}
		return v
	}
	list := expression.Strings("", []engine.Value{
		one("a"), one("${{ event.hashtags }}"), one("${{ author.bot }}"), one("${{ event.kind }}"), one(`${{ ["x", nil] }}`),
	})
	got, err := list.Eval(sample())
	if want := []string{"a", "nostr", "golang", "1", "x"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := expression.Strings("", []engine.Value{one("${{ event.tags }}")}).Eval(sample()); err == nil {
		t.Error("a list of lists was accepted")
	}
	tree := expression.Map("", []string{"a", "b"}, []engine.Value{
		expression.List("", []engine.Value{one("${{ event.kind }}"), expression.Constant(true)}), one("${{ rule.name }}!"),
	})
	v, err := tree.Eval(sample())
	if got := fmt.Sprint(v); err != nil || got != "map[a:[1 true] b:greet!]" {
		t.Error(got, err)
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	template, findings := expression.Split(`a ${X} ${Y:-d} ${Z} ${{ "${X}" }}`)
	if findings.Err() != nil {
		t.Fatal(findings)
	}
	template, findings = template.Resolve(func(name string) (string, bool) { return "${{ event }}", name == "X" })
	if len(findings) != 1 || findings[0].Offset != 15 {
		t.Error(findings)
	}
	text, _ := compiler(t).Text(template)
	if got, err := text.Eval(sample()); err != nil || got != "a ${{ event }} d  ${X}" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestUses(t *testing.T) {
	t.Parallel()
	c := compiler(t)
	for _, source := range []string{
		`event.content != "" and author?.name == nil`, `any(event.tags, #[0] == relay)`, `event.tag("t") == ""`,
		`outputs["price"].body.usd > 1`, `event.tags[0] == nil`, `json(author) == now.String()`, `let a = event.kind; a == 1`,
		`pick(words) == ""`,
	} {
		_, findings := c.Condition(source)
		for _, f := range findings {
			if f.Code != expression.CodeName {
				t.Errorf("%s: %v", source, findings)
			}
		}
	}
	var got []string
	for path := range c.Uses() {
		got = append(got, path)
	}
	slices.Sort(got)
	want := "author author.name event.content event.kind event.tag event.tags now.String outputs.price.body.usd relay words"
	if strings.Join(got, " ") != want {
		t.Error(got)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	var all []string
	for _, n := range expression.Names(compilerType()) {
		all = append(all, fmt.Sprintf("%s: %s %v", n.Path, n.Type, n.Method))
	}
	for _, want := range []string{
		"event.content: string false", "event.tag: string true", "event.hashtags: list of strings false",
		"event.tags: list of lists of strings false", "author.name: string false", "now: time false", "rule.name: string false",
		"event.parent_id: string false", "outputs: map false",
	} {
		if !slices.Contains(all, want) {
			t.Errorf("no %q in %q", want, all)
		}
	}
	for _, name := range all {
		if strings.Contains(name, "mention") || strings.Contains(name, "step") {
			t.Errorf("%s is offered", name)
		}
	}
}

// TestBrief asks which conditions can be judged in passing by an event alone.
func TestBrief(t *testing.T) {
	t.Parallel()
	c := compiler(t)
	isOfEvent := func(name string) bool { return name == "relay" || strings.HasPrefix(name, "event") }
	for source, want := range map[string]bool{
		`event.content contains "hello" and event.kind == 1`: true,
		`event.tag("t") == relay`:                            true,
		`event.content matches "^hi"`:                        true,
		`author?.name == nil`:                                false,
		`event.kind == 1 and now.Hour() > 8`:                 false,
		`any(event.tags, #[0] == relay)`:                     false,
		`json(event) == ""`:                                  false,
	} {
		condition, findings := c.Condition(source)
		if findings.Err() != nil {
			t.Errorf("%s: %v", source, findings)
		}
		if got := condition.IsBrief(isOfEvent); got != want {
			t.Errorf("%s is brief: %t, want %t", source, got, want)
		}
	}
}

// TestChanceIsStable holds what chance decides to the signal and the rule: a run that is repeated says the same.
func TestChanceIsStable(t *testing.T) {
	t.Parallel()
	template, _ := expression.Split(`${{ random(1, 1000000) }} ${{ map(1..3, string(random(1, 1000000))) | join(" ") }} ${{ json(shuffle(1..9)) }} ${{ json(pick(1..99, 5)) }}`)
	text, findings := compiler(t).Text(template)
	if err := findings.Err(); err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for _, rule := range []string{"r1", "r2"} {
		for _, key := range []string{"k1", "k2"} {
			var first string
			for range 3 {
				d := sample()
				d.Rule.Name = rule
				d.Identify(rule, key)
				got, err := text.Eval(d)
				if err != nil || first != "" && got != first {
					t.Fatalf("%q, then %q, %v", first, got, err)
				}
				first = got
			}
			said[first] = true
		}
	}
	if len(said) != 4 {
		t.Errorf("rules and signals choose alike: %v", said)
	}
}

// TestChanceIsNoConstant keeps conditions that only chance decides from being called constant.
func TestChanceIsNoConstant(t *testing.T) {
	t.Parallel()
	for _, source := range []string{`random(1, 2) == 1`, `pick([true, false])`, `shuffle([1, 2])[0] == 1`} {
		if _, findings := compiler(t).Condition(source); len(findings) > 0 {
			t.Errorf("%s: %v", source, findings)
		}
	}
}
