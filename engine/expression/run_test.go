package expression_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"rhea/engine"
	"rhea/engine/expression"
)

// TestRuntimeErrors: what fails when it runs is an error with its place.
func TestRuntimeErrors(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`event.tags[9] == nil`:                     "there is no element 9: the first of 3 is 0: 1:11 of event.tags[9] == nil",
		"relay == \"\" or\n  event.tags[9] == nil": "there is no element 9: the first of 3 is 0: 2:13 of relay == \"\" or …",
		`answer`:                                   "this is nothing (nil), a condition must be true or false: 1:1 of answer",
		`outputs.price`:                            "this is a map, a condition must be true or false: 1:1 of outputs.price",
		`outputs.price.body.usd.x`:                 "a number has no x: 1:24 of outputs.price.body.usd.x",
		`outputs.price.body.usd contains "x"`:      "this is a number, it must be a string: 1:24 of outputs.price.body.usd contains \"x\"",
		`outputs.price.body.usd + "x" == ""`:       "+ does not fit a number and a string: 1:24 of outputs.price.body.usd + \"x\" == \"\"",
		`parse_json("\"t\"").title == ""`:          "a text or a list has no members with names: 1:21 of parse_json(\"\\\"t\\\"\").title == \"\"",
		`parse_json("[1]").title == ""`:            "a text or a list has no members with names: 1:19 of parse_json(\"[1]\").title == \"\"",
		`npub(relay) == ""`:                        "",
		`hex(relay) == ""`:                         "",
		`parse_json("{") == nil`:                   "this is not JSON: it ends too early: 1:1 of parse_json(\"{\") == nil",
		`format(now, "", "Mars/Base") == ""`:       `there is no time zone "Mars/Base": 1:1 of format(now, "", "Mars/Base") == ""`,
		`truncate(outputs.price.body, 3) == ""`:    "truncate wants a string here, this is a map: 1:1 of truncate(outputs.price.body, 3) == \"\"",
		`len(repeat("x", 10000000)) > 1`:           "the text is larger than 1024 KiB: 1:5 of len(repeat(\"x\", 10000000)) > 1",
		`len(1..100000000) > 1`:                    "memory budget exceeded: 1:6 of len(1..100000000) > 1",
		`any(1..90000, any(words, # == relay))`:    "the loops took more than 100000 steps: ",
		`pick(words, -1) == []`:                    "pick wants a number of 0 or more: 1:1 of pick(words, -1) == []",
		`random(6, 1) == 3`:                        "random wants the smaller number first, these are 6 and 1: 1:1 of random(6, 1) == 3",
		`capture("a", event.content + "(") == nil`: "capture: a closing ) is missing in this regular expression: 1:1 of capture(\"a\", event.content + \"(\") == nil",
		`pick([]) == ""`:                           "pick wants a list that is not empty: 1:1 of pick([]) == \"\"",
		`relay matches relay + "("`:                "",
		`int("x") == 1`:                            "",
	} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			condition, findings := compiler(t).Condition(source)
			if err := findings.Err(); err != nil {
				t.Fatal(err)
			}
			// In a bubble no time passes while an evaluation is busy, so that a slow machine does not change the error.
			synctest.Test(t, func(t *testing.T) {
				got, err := condition.Eval(sample())
				var located *expression.RuntimeError
				if !errors.As(err, &located) || got || !strings.HasPrefix(err.Error(), want) {
					t.Errorf("got %v, %v", got, err)
				}
			})
		})
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, testSizes)
}

func testSizes(t *testing.T) {
	big := strings.Repeat("x", 200_000)
	d := sample()
	d.Event.Content = big
	eval := func(source string) error {
		template, _ := expression.Split(source)
		text, findings := compiler(t).Text(template)
		if err := findings.Err(); err != nil {
			t.Fatal(err)
		}
		_, err := text.Eval(d)
		return err
	}
	if err := eval("${{ event.content }}"); err != nil {
		t.Error(err)
	}
	doubling := "let a = event.content; "
	for i := range 40 {
		doubling += "let a" + strings.Repeat("a", i+1) + " = a" + strings.Repeat("a", i) + " + a" + strings.Repeat("a", i) + "; "
	}
	for _, source := range []string{
		"${{ event.content }}${{ event.content }}",
		"${{ " + doubling + " relay }}",
		`${{ replace(event.content, "x", event.content) }}`,
		`${{ reduce(1..1000, #acc + #acc, "x") }}`,
		`${{ json(map(1..99999, event.content)) }}`,
	} {
		if err := eval(source); err == nil {
			t.Errorf("%.60s is not bounded", source)
		}
	}
	if _, findings := compiler(t).Condition(strings.Repeat("(", 3000) + "true" + strings.Repeat(")", 3000)); findings.Err() != nil {
		t.Error(findings)
	}
	for _, source := range []string{
		strings.Repeat("1 == 1 and ", 300) + "true", `relay == "` + strings.Repeat("x", 20_000) + `"`,
	} {
		if _, findings := compiler(t).Condition(source); len(findings) != 1 || findings[0].Code != expression.CodeLimit {
			t.Errorf("%.40s: %v", source, findings)
		}
	}
}

func TestWrongData(t *testing.T) {
	t.Parallel()
	condition, _ := compiler(t).Condition("any(words, true)")
	type other struct{ engine.Scope }
	for _, d := range []engine.Data{nil, &other{}, (*data)(nil)} {
		if _, err := condition.Eval(d); err == nil {
			t.Errorf("%T was accepted", d)
		}
	}
}

// TestSideBySide runs one program many times at once, with and without loops.
func TestSideBySide(t *testing.T) {
	t.Parallel()
	for _, source := range []string{`event.tag("t") == "nostr"`, `any(event.hashtags, # == "golang")`} {
		condition, findings := compiler(t).Condition(source)
		if err := findings.Err(); err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				for range 200 {
					if ok, err := condition.Eval(sample()); !ok || err != nil {
						t.Error(ok, err)
						return
					}
				}
			})
		}
		group.Wait()
	}
}

// TestBudgetIsPerEvaluation: many small evaluations on one data value never use up its steps.
func TestBudgetIsPerEvaluation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		condition, _ := compiler(t).Condition(`any(1..30000, # == 0)`)
		d := sample()
		for range 5 {
			if _, err := condition.Eval(d); err != nil {
				t.Fatal(err)
			}
		}
	})
}
