package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rhea/engine"
	"rhea/engine/config"
)

func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoadDirectory(t *testing.T) {
	t.Parallel()
	rule := func(name string) string {
		return "version: 1\nrules:\n  - name: " + name + "\n    trigger: { mention: {} }\n    actions: [{ log: { content: hi } }]\n"
	}
	dir := write(t, map[string]string{
		"b.yaml": rule("b"), "a.yml": rule("a"), "c_test.yaml": "nonsense", ".d.yaml": "nonsense", "e.txt": "nonsense",
		"main.yaml": "version: 1\nidentities: { one: { key: { env: A } } }\nrelays: { default: [WSS://Relay.Example:443/] }\nstate: x.db\n",
		"more.yaml": "version: 1\nidentities: { main: { key: { env: B } } }\nrelays: { quick: ['ws://127.0.0.1:80/a/', 'ws://127.0.0.1:7777'] }\n",
	})
	f, err := config.Load([]string{dir}, options())
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Rules) != 2 || f.Rules[0].Name != "a" || f.Rules[1].Identity != "main" || len(f.Paths) != 4 || f.State != "x.db" {
		t.Errorf("%+v", f)
	}
	if !slices.Equal(f.Rules[0].Relays, []string{"wss://relay.example"}) ||
		!slices.Equal(f.RelaySets["quick"], []string{"ws://127.0.0.1/a", "ws://127.0.0.1:7777"}) {
		t.Errorf("relays: %v", f.RelaySets)
	}
}

func TestLoadTwice(t *testing.T) {
	t.Parallel()
	text := "version: 1\nidentities: { main: { key: { env: A } } }\nrelays: [wss://relay.example]\nstate: a\ndefaults: {}\nrules:\n  - name: a\n    trigger: { mention: {} }\n    actions: [{ log: { content: hi } }]\n"
	dir := write(t, map[string]string{"a.yaml": text, "b.yaml": text})
	_, err := config.Load([]string{filepath.Join(dir, "a.yaml"), filepath.Join(dir, "b.yaml")}, options())
	var problems config.Problems
	if !errors.As(err, &problems) || len(problems) != 5 {
		t.Fatalf("%v", err)
	}
	for _, p := range problems {
		if p.File != filepath.Join(dir, "b.yaml") || p.Code != "duplicate-name" {
			t.Errorf("%+v", p)
		}
	}
	if !strings.Contains(err.Error(), "first in "+filepath.Join(dir, "a.yaml")+":7") {
		t.Errorf("%v", err)
	}
}

func TestLoadUnreadable(t *testing.T) {
	t.Parallel()
	empty := t.TempDir()
	for _, paths := range [][]string{nil, {filepath.Join(empty, "nothing.yaml")}, {empty}} {
		var problems config.Problems
		if _, err := config.Load(paths, options()); err == nil || errors.As(err, &problems) {
			t.Errorf("%v: %v", paths, err)
		}
	}
}

func parse(t *testing.T, text string) *config.File {
	t.Helper()
	f, err := config.Parse("bot.yaml", []byte(complete(text)), options())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestBehaviour(t *testing.T) {
	t.Parallel()
	f := parse(t, `
defaults:
  max_age: 1h
  quorum: 1
  concurrency: { max: 2, group: "${{ rule.name }}" }
  limit: { thread: 9 }
  retry: { initial_interval: 1s }
rules:
  - name: a
    trigger: [{ mention: {} }, { nostr: { kinds: [1, 30023], tags: { t: [a] }, since: 2026-01-02 } }]
    actions:
      - reply: { content: hi }
        on_error: continue
  - name: b
    trigger: { mention: { relays: [wss://other.example] } }
    enabled: false
    dry_run: true
    max_age: 2d
    loops: { bots: allow }
    limit: { author: 0, on_limit: queue }
    expect_every: 1w
    dedupe: event.tag("d") + "x"
    concurrency: { group: event.pubkey }
    retry: { max_elapsed_time: 1m }
    actions:
      - reply: { content: hi }
  - name: c
    trigger: { mention: }
    actions: [{ publish: { content: "${TITLE}: ${{ event.content }} $${{ $$" } }]
`)
	a, b := f.Rules[0], f.Rules[1]
	nine := []engine.Rate{{Count: 9, Per: engine.CounterAge}}
	if a.MaxAge != time.Hour || a.Concurrency != 2 || !slices.Equal(a.Limit.Thread, nine) ||
		!slices.Equal(a.Limit.Author, []engine.Rate{{Count: 10, Per: time.Hour}, {Count: 30, Per: 24 * time.Hour}}) ||
		a.Retry != (engine.Retry{Initial: time.Second, Max: 5 * time.Minute, MaxElapsed: 24 * time.Hour}) || !a.Steps[0].Continue {
		t.Errorf("a: %+v", a)
	}
	if !b.Disabled || !b.DryRun || b.MaxAge != 48*time.Hour || !b.AllowBots || !b.Limit.Queue || len(b.Limit.Author) > 0 || !slices.Equal(b.Limit.Thread, nine) ||
		b.ExpectEvery != 7*24*time.Hour || b.Retry.MaxElapsed != time.Minute || b.Triggers[0].Relays[0] != "wss://other.example" {
		t.Errorf("b: %+v", b)
	}
	d := &eventData{Event: &event{Pubkey: "p", Content: "hello"}}
	d.Rule.Name = "b"
	if key, err := b.Dedupe.Eval(d); key != "x" || err != nil {
		t.Error(key, err)
	}
	if group, err := b.Group.Eval(d); group != "p" || err != nil {
		t.Error(group, err)
	}
	if group, err := a.Group.Eval(d); group != "b" || err != nil {
		t.Error(group, err)
	}
	if len(f.Rules[2].Limit.Author) != 0 || !slices.Equal(f.Rules[2].Limit.Thread, nine) {
		t.Errorf("c answers nobody: %+v", f.Rules[2].Limit)
	}
}

func TestMergeKeys(t *testing.T) {
	t.Parallel()
	f := parse(t, `
rules:
  - &base
    name: a
    trigger: { mention: {} }
    actions: [{ log: { content: hi } }]
    max_age: 1h
  - <<: *base
    name: b
`)
	if len(f.Rules) != 2 || f.Rules[1].Name != "b" || f.Rules[1].MaxAge != time.Hour {
		t.Errorf("%+v", f.Rules)
	}
}
