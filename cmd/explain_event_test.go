package cmd_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nbd-wtf/go-nostr"
	"github.com/nbd-wtf/go-nostr/nip19"

	"rhea/cmd"
	"rhea/engine"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

const askedYAML = `version: 1
identities: { main: { key: { env: BOT_NSEC } } }
relays: [%q]
rules:
  - name: greet
    trigger: { mention: {} }
    if: event.content contains "hello"
    actions: [ { reply: { content: "Hi ${{ author.name ?? 'there' }}!" } } ]
  - name: echo
    trigger: { reply: {} }
    actions: [ { reply: { content: "You answered: ${{ parent.content }}" } } ]
  - name: tagged
    trigger: { hashtag: { any: [nostr] } }
    actions: [ { repost: {} } ]
  - name: morning
    trigger: { schedule: { cron: "0 8 * * *" } }
    actions: [ { publish: { content: Good morning } } ]
`

// asked is a relay with a note of the bot, an answer to it, and the profile of who answered.
type asked struct {
	relay  *relaytest.Relay
	path   string
	answer nostr.Event
}

func newAsked(t *testing.T, o local.Options) *asked {
	t.Helper()
	a := &asked{relay: relaytest.With(t, o), path: filepath.Join(t.TempDir(), "bot.yaml")}
	writeConfig(t, filepath.Dir(a.path), fmt.Sprintf(askedYAML, a.relay.URL()))
	sign := func(e nostr.Event, secret string) nostr.Event {
		e.CreatedAt += nostr.Now()
		if err := e.Sign(secret); err != nil {
			t.Fatal(err)
		}
		if ok, reason := a.relay.Local.Publish(e); !ok {
			t.Fatal(reason)
		}
		return e
	}
	note := sign(nostr.Event{Kind: 1, Content: "What is it?", CreatedAt: -60}, botSecret)
	sign(nostr.Event{Kind: 0, Content: `{"name": "Ann", "about": 7, "bot": "no", "other": "x"}`}, visitorSecret)
	a.answer = sign(nostr.Event{Kind: 1, Content: "hello, it is me", Tags: nostr.Tags{{"e", note.ID, "", "root", note.PubKey}, {"p", note.PubKey}}}, visitorSecret)
	return a
}

func (a *asked) run(t *testing.T, verb string, args ...string) (code int, out, said string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	lookup := func(name string) (string, bool) { return botSecret, name == "BOT_NSEC" }
	code = cmd.Run(t.Context(), append([]string{verb, "-c", a.path}, args...), cmd.Streams{Out: &stdout, Err: &stderr, LookupEnv: lookup}, kinds())
	return code, stdout.String(), stderr.String()
}

// names are the ways to name an event.
func (a *asked) names(t *testing.T) []string {
	t.Helper()
	note, err := nip19.EncodeNote(a.answer.ID)
	if err != nil {
		t.Fatal(err)
	}
	nevent, err := nip19.EncodeEvent(a.answer.ID, []string{a.relay.URL()}, a.answer.PubKey)
	if err != nil {
		t.Fatal(err)
	}
	return []string{a.answer.ID, note, nevent, "nostr:" + nevent}
}

// TestExplainFetched asks a relay that wants to know who asks for an event, its author and what it answers.
func TestExplainFetched(t *testing.T) {
	t.Parallel()
	a := newAsked(t, local.Options{AuthToRead: true})
	for _, name := range a.names(t) {
		code, out, said := a.run(t, "explain", "--event", name, "--format", "json")
		var all []struct {
			engine.Decision
			Publishes []struct{ Event nostr.Event }
		}
		if err := json.Unmarshal([]byte(out), &all); err != nil || code != 0 || len(all) != 4 {
			t.Fatalf("%s: exit code %d, %v\n%s%s", name, code, err, out, said)
		}
		if all[0].Rule != "greet" || all[0].Publishes[0].Event.Content != "Hi Ann!" ||
			all[1].Rule != "echo" || all[1].Publishes[0].Event.Content != "You answered: What is it?" ||
			all[2].Outcome != engine.NoMatch || all[3].Outcome != engine.NoMatch {
			t.Errorf("%s:\n%s", name, out)
		}
	}
	for argument, want := range map[string]string{
		strings.Repeat("ab", 32): "no relay that was asked has the event abab",
		"npub1ehvvwdqt0306jw05z5hwj67yfyq852ztyzck5au2ed49hhq073ssjmuanm": "npub… names no event",
		`{"contnt": "x"}`: `an event has no contnt; it has id`,
	} {
		if code, _, said := a.run(t, "explain", "--event", argument); code == 0 || !strings.Contains(said, want) {
			t.Errorf("%s: exit code %d: %s", argument, code, said)
		}
	}
}

// TestExplainFromHistory names an event as the history shows it.
func TestExplainFromHistory(t *testing.T) {
	t.Parallel()
	a := newAsked(t, local.Options{})
	m := newMemoir(t, filepath.Dir(a.path), botSecret)
	other := a.answer.ID[:8] + strings.Repeat("0", 56)
	for _, key := range []string{a.answer.ID, other} {
		d := engine.Decision{At: a.answer.CreatedAt.Time(), Rule: "greet", Trigger: "mention", Key: key, Outcome: engine.ConditionFalse}
		if err := m.Record(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	m.close()
	code, out, said := a.run(t, "explain", "greet", "--event", a.answer.ID[:12])
	if code != 0 || !strings.Contains(out, "greet: fired\n") || !strings.Contains(out, "  history    pass  condition_false at ") {
		t.Errorf("exit code %d\n%s%s", code, out, said)
	}
	if code, _, said := a.run(t, "explain", "greet", "--event", a.answer.ID[:8]); code != 2 || !strings.Contains(said, "begins the ids of 2 events") {
		t.Errorf("exit code %d\n%s", code, said)
	}
}

// TestExplainPartial asks that what is left out of an event is made up for each rule, and told.
func TestExplainPartial(t *testing.T) {
	t.Parallel()
	a := newAsked(t, local.Options{})
	code, out, said := a.run(t, "explain", "--event", `{"content": "hello"}`, "--format", "json")
	var all []struct {
		engine.Decision
		Event     *nostr.Event
		Filled    []string
		Publishes []struct{ Event nostr.Event }
	}
	if err := json.Unmarshal([]byte(out), &all); err != nil || code != 0 {
		t.Fatalf("exit code %d, %v\n%s%s", code, err, out, said)
	}
	got := make(map[string]int)
	for i, e := range all {
		got[e.Rule] = i
		if e.Rule != "morning" && (e.Outcome != engine.Fired || len(e.Publishes) != 1) {
			t.Errorf("%s: %s, %s", e.Rule, e.Outcome, e.Reason)
		}
		if ok, err := e.Event.CheckSignature(); !ok || err != nil {
			t.Errorf("%s: the event is not signed: %v", e.Rule, err)
		}
	}
	if all[3].Rule != "morning" || all[3].Outcome != engine.NoMatch {
		t.Errorf("the last is %+v", all[3])
	}
	if e := all[got["tagged"]]; strings.Join(e.Filled, ", ") != `pubkey of a stranger, created_at, kind 1, tags [["t","nostr"]], id, sig` {
		t.Errorf("of tagged: %q", e.Filled)
	}
	if e := all[got["echo"]]; e.Publishes[0].Event.Content != "You answered: What was said before." {
		t.Errorf("echo says %q", e.Publishes[0].Event.Content)
	}
	_, out, _ = a.run(t, "explain", "greet", "--event", `{"content": "hello", "from": "bot", "kind": 1}`)
	if !strings.HasPrefix(out, "greet: loop\n  event            made up: created_at, tags [[\"p\",\"f9308a01…\"]]") || !strings.Contains(out, "  loop       stop  ") {
		t.Errorf("of a bot:\n%s", out)
	}
}

// TestEvalFetched evaluates with an event that relays have, its author and what it answers.
func TestEvalFetched(t *testing.T) {
	t.Parallel()
	a := newAsked(t, local.Options{})
	for _, name := range append(a.names(t), a.answer.String()) {
		code, out, said := a.run(t, "eval", `[event.content, author.name, author.about, parent.content]`, "--trigger", "reply", "--online", "--event", name)
		if code != 0 || out != `["hello, it is me","Ann",null,"What is it?"]`+"\n" {
			t.Errorf("%s: exit code %d\n%s%s", name, code, out, said)
		}
	}
	if code, out, said := a.run(t, "eval", `author.name`, "--event", a.answer.ID); code != 0 || out != `"Ann"`+"\n" {
		t.Errorf("by id: exit code %d\n%s%s", code, out, said)
	}
	if code, out, said := a.run(t, "eval", `[event.content, author.name]`, "--event", a.answer.String()); code != 0 || out != `["hello, it is me",null]`+"\n" {
		t.Errorf("not online: exit code %d\n%s%s", code, out, said)
	}
}
