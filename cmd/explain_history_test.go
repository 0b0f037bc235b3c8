package cmd_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/cmd"
	"rhea/engine"
	"rhea/engine/bot"
	"rhea/engine/config"
	"rhea/engine/enginetest"
	"rhea/engine/identity"
	"rhea/engine/key"
	"rhea/engine/ledger/sqlite"
)

const explainedYAML = `version: 1
identities: { main: { key: { env: BOT_NSEC } } }
relays: [wss://relay.example]
rules:
  - name: greet
    trigger: { mention: {} }
    if: event.content contains "hello" and not (event.content contains "spam")
    actions: [ { reply: { content: "Hi!" } } ]
    limit: { author: 2/1h }
`

// TestExplainAgreesWithHistory lets a bot decide on events, and asks afterwards that explain comes to what the history
// recorded, gate by gate, whatever the verdict was; and that without --then it tells what was answered already.
func TestExplainAgreesWithHistory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, state := filepath.Join(dir, "bot.yaml"), filepath.Join(dir, "rhea.db")
	if err := os.WriteFile(path, []byte(explainedYAML), 0o600); err != nil {
		t.Fatal(err)
	}
	events := decided(t, state)
	recorded := historyOf(t, state)
	outcomes := make(map[engine.Outcome]bool)
	for _, e := range events {
		then := explained(t, path, e, "--then")
		outcomes[then.Outcome] = true
		want := recorded[e.ID]
		if then.Outcome != want.Outcome || then.Reason != want.Reason || !reflect.DeepEqual(then.Gates, want.Gates) ||
			!slices.Equal(then.Published, want.Published) {
			t.Errorf("explain says\n%+v\nthe history has\n%+v", then.Decision, want)
		}
		now := explained(t, path, e)
		if want.Outcome == engine.Fired && (now.Outcome != engine.Duplicate || now.Recorded.Outcome != engine.Fired) {
			t.Errorf("of what was answered, explain says %s", now.Outcome)
		}
	}
	for _, o := range []engine.Outcome{
		engine.Fired, engine.ConditionFalse, engine.TooOld, engine.Self, engine.BadSignature, engine.RateLimited,
	} {
		if !outcomes[o] {
			t.Errorf("no event came to %s", o)
		}
	}
	if after := historyOf(t, state); !reflect.DeepEqual(after, recorded) {
		t.Error("explain has written to the history")
	}
}

// decided has a bot with a state file decide on events of every sort.
func decided(t *testing.T, state string) []*nostr.Event {
	t.Helper()
	signer, err := key.NewSigner(engine.NewSecret(botSecret))
	if err != nil {
		t.Fatal(err)
	}
	ledger, err := sqlite.Open(state, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	bot := newBot(t, explainedYAML, signer, ledger, new(enginetest.Source))
	var events []*nostr.Event
	for i, text := range []string{"hello 1", "bye", "hello spam", "old hello", "my hello", "forged hello", "hello 2", "hello 3"} {
		e := &nostr.Event{Kind: 1, Content: text, CreatedAt: nostr.Now() - nostr.Timestamp(i), Tags: nostr.Tags{{"p", signer.PublicKey()}}}
		secret := strings.Repeat("0", 63) + "9"
		switch text {
		case "old hello":
			e.CreatedAt -= 3600
		case "my hello":
			secret = botSecret
		}
		if err := e.Sign(secret); err != nil {
			t.Fatal(err)
		}
		if text == "forged hello" {
			e.Sig = strings.Repeat("0", 128)
		}
		verify := func() error {
			if ok, err := e.CheckSignature(); err != nil || !ok {
				return errors.New("the signature does not fit")
			}
			return nil
		}
		signals, err := bot.Sample(t.Context(), "greet", engine.Sample{Now: time.Now(), Received: &engine.Received{Event: e, Verify: verify}})
		if err != nil {
			t.Fatal(err)
		}
		if err := bot.Carry(t.Context(), "greet", signals[0]); err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	if err := ledger.Close(); err != nil {
		t.Fatal(err)
	}
	return events
}

// accepting is a publisher whose relays take everything.
type accepting struct{ engine.Publisher }

func historyOf(t *testing.T, state string) map[string]engine.Decision {
	t.Helper()
	reader, err := sqlite.OpenReadOnly(state)
	if err != nil {
		t.Fatal(err)
	}
	all, err := reader.History(t.Context(), engine.HistoryQuery{})
	if err := errors.Join(err, reader.Close()); err != nil {
		t.Fatal(err)
	}
	byKey := make(map[string]engine.Decision)
	for _, d := range all {
		byKey[d.Key] = d
	}
	return byKey
}

const everyGateYAML = `version: 1
identities: { main: { key: { env: BOT_NSEC } } }
relays: [%q]
rules:
  - name: greet
    trigger: { mention: {} }
    actions: [ { reply: { content: "Hi ${{ event.content }}!" } } ]
  - name: said
    trigger: { mention: {} }
    actions: [ { publish: { content: "Somebody has just written to me, and I tell everybody." } } ]
  - name: flood
    flood_stop: 2/1h
    trigger: { mention: {} }
    actions: [ { reply: { content: "Hi ${{ event.content }}!" } } ]
`

// TestExplainAgreesOnEveryGate is about the gates that look beyond the event: at what relays know of its author, at what
// was said before, and at what the operator and people have asked for.
func TestExplainAgreesOnEveryGate(t *testing.T) {
	t.Parallel()
	dir, relay := t.TempDir(), watch(t)
	path, state := filepath.Join(dir, "bot.yaml"), filepath.Join(dir, "rhea.db")
	text := fmt.Sprintf(everyGateYAML, relay.url)
	writeConfig(t, dir, text)
	signer, err := key.NewSigner(engine.NewSecret(botSecret))
	if err != nil {
		t.Fatal(err)
	}
	source := new(enginetest.Source)
	sign := func(e nostr.Event, secret string) *nostr.Event {
		e.CreatedAt = nostr.Now()
		if err := e.Sign(secret); err != nil {
			t.Fatal(err)
		}
		return &e
	}
	secret := func(n int) string { return fmt.Sprintf("%064x", n) }
	const automat, muted, quitter = 21, 22, 23
	foe, err := nostr.GetPublicKey(secret(muted))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []*nostr.Event{
		sign(nostr.Event{Kind: 0, Content: `{"bot": true}`}, secret(automat)),
		sign(nostr.Event{Kind: 10000, Tags: nostr.Tags{{"p", foe}}}, botSecret),
	} {
		source.Add(*e)
		if ok, reason := relay.Publish(*e); !ok {
			t.Fatal(reason)
		}
	}
	ledger, err := sqlite.Open(state, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	bot := newBot(t, text, signer, ledger, source)
	type told struct {
		rule  string
		event *nostr.Event
		gate  string
	}
	var all []told
	for _, one := range []struct {
		rule, content string
		author        int
		gate          string
	}{
		{"greet", "one", 30, ""},
		{"greet", "beep", automat, "loop"},
		{"greet", "let me in", muted, "mute_list"},
		{"greet", strings.Repeat("long ", 60_000), 30, "size"},
		{"greet", "stop", quitter, ""},
		{"greet", "hello again", quitter, "opt_out"},
		{"said", "first", 30, ""},
		{"said", "second", 31, "repeat"},
		{"flood", "1", 30, ""},
		{"flood", "2", 31, ""},
		{"flood", "3", 32, "flood"},
		{"flood", "4", 33, "crowd"},
	} {
		e := sign(nostr.Event{Kind: 1, Content: one.content, Tags: nostr.Tags{{"p", signer.PublicKey()}}}, secret(one.author))
		signals, err := bot.Sample(t.Context(), one.rule, engine.Sample{
			Now: time.Now(), Received: &engine.Received{Event: e, Relay: relay.url, Verify: func() error { return nil }},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := bot.Carry(t.Context(), one.rule, signals[0]); err != nil {
			t.Fatal(err)
		}
		all = append(all, told{one.rule, e, one.gate})
	}
	if err := ledger.Close(); err != nil {
		t.Fatal(err)
	}
	recorded := historyOf(t, state)
	for _, one := range all {
		want := recorded[one.event.ID]
		if n := len(want.Gates); one.gate != "" && (n == 0 || want.Gates[n-1].Gate != one.gate || want.Gates[n-1].Pass) {
			t.Errorf("%s, %.10s: the history has %+v, want the gate %s", one.rule, one.event.Content, want, one.gate)
		}
		then := explainedBy(t, one.rule, path, one.event, "--then", "--online")
		if then.Outcome != want.Outcome || then.Reason != want.Reason || !reflect.DeepEqual(then.Gates, want.Gates) ||
			!slices.Equal(then.Published, want.Published) {
			t.Errorf("%s, %.10s: explain says\n%+v\nthe history has\n%+v", one.rule, one.event.Content, then.Decision, want)
		}
	}
}

// newBot makes the engine of a configuration whose relays take everything.
func newBot(t *testing.T, text string, signer engine.Signer, ledger *sqlite.Ledger, source engine.Source) *bot.Bot {
	t.Helper()
	file, err := config.Parse("bot.yaml", []byte(text), config.Options{Kinds: kinds()})
	if err != nil {
		t.Fatal(err)
	}
	bot, err := bot.New(bot.Options{
		Rules:      file.Rules,
		Identities: identity.New(identity.Options{Configured: map[string]engine.Identity{"main": {Name: "main", Signer: signer}}}),
		Ledger:     ledger, Journal: ledger, Source: source, Publisher: accepting{},
	})
	if err != nil {
		t.Fatal(err)
	}
	return bot
}

type explanation struct {
	engine.Decision
	Recorded *engine.Decision `json:"recorded"`
}

func explained(t *testing.T, path string, e *nostr.Event, flags ...string) explanation {
	t.Helper()
	return explainedBy(t, "greet", path, e, flags...)
}

func explainedBy(t *testing.T, rule, path string, e *nostr.Event, flags ...string) explanation {
	t.Helper()
	var out, said bytes.Buffer
	args := append([]string{"explain", rule, "-c", path, "--format", "json", "--event", e.String()}, flags...)
	lookup := func(name string) (string, bool) { return botSecret, name == "BOT_NSEC" }
	if code := cmd.Run(t.Context(), args, cmd.Streams{Out: &out, Err: &said, LookupEnv: lookup}, kinds()); code != 0 {
		t.Fatalf("explain: exit code %d\n%s", code, said.String())
	}
	var all []explanation
	if err := json.Unmarshal(out.Bytes(), &all); err != nil || len(all) != 1 {
		t.Fatalf("explain: %v in %s", err, out.String())
	}
	return all[0]
}
