package cmd_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rhea/engine"
	"rhea/engine/config"
)

// guarded is a rule that answers people, with more keys of its own and of the defaults.
func guarded(t *testing.T, own, defaults string) *config.File {
	t.Helper()
	text := fmt.Sprintf(`version: 1
identities: { main: { key: { env: BOT_NSEC } } }
relays: [wss://relay.example]
defaults: { %s }
rules:
  - name: greet
    trigger: { mention: {} }
    actions: [ { reply: { content: hi } } ]
    %s
`, defaults, own)
	f, err := config.Parse("bot.yaml", []byte(text), config.Options{Kinds: kinds()})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestGuards walks all guards of a rule that answers people: each is on without a line in the file, and each can be
// changed, by the rule and by the defaults.
func TestGuards(t *testing.T) {
	t.Parallel()
	month := engine.Duration(engine.CounterAge)
	for name, tc := range map[string]struct {
		of              func(r engine.Rule) any
		usual           string
		change, changed string
	}{
		"rate":       {func(r engine.Rule) any { return r.Limit.Rate }, "[]", "limit: { rate: [6/1h, 9/1d] }", "[6/1h 9/24h]"},
		"author":     {func(r engine.Rule) any { return r.Limit.Author }, "[10/1h 30/24h]", "limit: { author: 7/1d }", "[7/24h]"},
		"author off": {func(r engine.Rule) any { return r.Limit.Author }, "[10/1h 30/24h]", "limit: { author: 0 }", "[]"},
		"thread": {
			func(r engine.Rule) any { return r.Limit.Thread }, "[5/" + month.String() + "]",
			"limit: { thread: [9, 2/1h] }", "[9/" + month.String() + " 2/1h]",
		},
		"on_limit":     {func(r engine.Rule) any { return r.Limit.Queue }, "false", "limit: { on_limit: queue }", "true"},
		"bots":         {func(r engine.Rule) any { return r.AllowBots }, "false", "loops: { bots: allow }", "true"},
		"patience":     {func(r engine.Rule) any { return r.Patience.Answers }, "30", "loops: { patience: 50 }", "50"},
		"break":        {func(r engine.Rule) any { return r.Patience.Break }, "8h0m0s", "loops: { break: 6h }", "6h0m0s"},
		"max_age":      {func(r engine.Rule) any { return r.MaxAge }, "15m0s", "max_age: 1h", "1h0m0s"},
		"flood_stop":   {func(r engine.Rule) any { return r.FloodStop }, "[]", "flood_stop: 20/1h", "[20/1h]"},
		"repeat_after": {func(r engine.Rule) any { return r.RepeatAfter }, "1h0m0s", "repeat_after: 2h", "2h0m0s"},
		"stop":         {func(r engine.Rule) any { return r.OptOut.Stop }, "[stop unsubscribe]", "opt_out: { stop: [halt] }", "[halt]"},
		"start":        {func(r engine.Rule) any { return r.OptOut.Start }, "[start subscribe]", "opt_out: { start: [go on] }", "[go on]"},
		"stopped":      {func(r engine.Rule) any { return r.OptOut.Stopped != nil }, "true", `opt_out: { stopped: "" }`, "false"},
		"started":      {func(r engine.Rule) any { return r.OptOut.Started != nil }, "true", `opt_out: { started: "" }`, "false"},
		"concurrency":  {func(r engine.Rule) any { return r.Concurrency }, "4", "concurrency: { max: 1 }", "1"},
		"pow_budget":   {func(r engine.Rule) any { return r.PoW.Time }, "30s", "pow_budget: { time: 5s }", "5s"},
		"retry":        {func(r engine.Rule) any { return r.Retry.MaxElapsed }, (24 * time.Hour).String(), "retry: { max_elapsed_time: 1h }", "1h0m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for where, f := range map[string]*config.File{
				"nowhere": guarded(t, "", ""), "in the rule": guarded(t, tc.change, ""), "in defaults": guarded(t, "", tc.change),
			} {
				want := tc.changed
				if where == "nowhere" {
					want = tc.usual
				}
				if got := fmt.Sprint(tc.of(f.Rules[0])); got != want {
					t.Errorf("changed %s it is %s, want %s", where, got, want)
				}
			}
		})
	}
}

// TestGuardsSwitchedOff asks whether check warns of every guard that is switched off, where that is written.
func TestGuardsSwitchedOff(t *testing.T) {
	t.Parallel()
	for off, warns := range map[string]bool{
		"max_age: 0s": true, "limit: { author: 0 }": true, "limit: { author: [0] }": true, "limit: { thread: 0 }": true,
		"limit: { author: 0, thread: 0, rate: 60/1h }": false, "limit: { author: [10/1h, 30/1d], thread: [5, 2/1h] }": false,
		"loops: { patience: 0 }": true, "loops: { bots: allow }": false, "{ limit: { author: 0 }, loops: { bots: allow } }": true,
		"opt_out: { stop: [] }": true, "opt_out: { start: [] }": false, "repeat_after: 0s": true, "limit: { on_limit: queue }": false,
	} {
		t.Run(off, func(t *testing.T) {
			t.Parallel()
			keys := strings.TrimSuffix(strings.TrimPrefix(off, "{ "), " } }")
			if keys != off {
				keys += " }"
			}
			for where, f := range map[string]*config.File{
				"in the rule": guarded(t, strings.ReplaceAll(keys, "}, ", "}\n    "), ""), "in defaults": guarded(t, "", keys),
			} {
				found := slices.ContainsFunc(f.Warnings, func(p config.Problem) bool { return p.Code == "guard-off" })
				if found != warns || !warns && len(f.Warnings) > 0 {
					t.Errorf("%s: the warnings are %v", where, f.Warnings)
				}
			}
		})
	}
}

// TestRepeatAfterOfASchedule asks when a schedule must not repeat itself: only where its own rule says so.
func TestRepeatAfterOfASchedule(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		own, defaults string
		want          bool
	}{{"", "", false}, {"", "repeat_after: 2h", false}, {"repeat_after: 2h", "", true}} {
		if got := guarded(t, tc.own, tc.defaults).Rules[0].RepeatPlanned; got != tc.want {
			t.Errorf("with %q in the rule and %q in the defaults: %v, want %v", tc.own, tc.defaults, got, tc.want)
		}
	}
}
