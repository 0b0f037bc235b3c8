package cmd_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/cmd/screen"
	"rhea/engine"
	"rhea/engine/ledger"
	"rhea/engine/ledger/sqlite"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares with testdata/golden.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\n%s\nwant:\n%s", name, got, want)
	}
}

// memoir writes the state of a bot that did things.
type memoir struct {
	t *testing.T
	*sqlite.Ledger
	secret string
}

func newMemoir(t *testing.T, dir, secret string) *memoir {
	t.Helper()
	l, err := sqlite.Open(filepath.Join(dir, "rhea.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &memoir{t, l, secret}
}

// fired is a rule that made a note, which is owed to relays.
func (m *memoir) fired(rule, content string, relays ...string) nostr.Event {
	m.t.Helper()
	e := nostr.Event{Kind: 1, CreatedAt: nostr.Now(), Content: content}
	if err := e.Sign(m.secret); err != nil {
		m.t.Fatal(err)
	}
	var owed []engine.Delivery
	for _, r := range relays {
		owed = append(owed, engine.Delivery{Rule: rule, Event: e, Relay: r, Quorum: 1, Committed: time.Now()})
	}
	fresh, err := m.Commit(m.t.Context(), engine.Entry{
		Rule: rule, Key: content, Deliveries: owed,
		Decision: engine.Decision{
			At: time.Now(), Rule: rule, Trigger: "schedule", Key: content, Outcome: engine.Fired, Published: []string{e.ID},
		},
	})
	if err != nil || !fresh {
		m.t.Fatalf("commit = %v, %v", fresh, err)
	}
	return e
}

// deliver lets a minute pass in which relays answer.
func (m *memoir) deliver(answer func(engine.Delivery) engine.Settlement) {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), time.Minute)
	defer cancel()
	err := m.Drain(ctx, nil, func(_ context.Context, d engine.Delivery, _ func()) engine.Settlement { return answer(d) })
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *memoir) close() {
	m.t.Helper()
	if err := m.Close(); err != nil {
		m.t.Fatal(err)
	}
}

const (
	goodRelay = "wss://good.example"
	busyRelay = "wss://a-relay-with-quite-a-long-name.busy.example"
	grimRelay = "wss://grim.example"
)

const lookYAML = `version: 1
identities: { main: { key: { env: BOT_NSEC } } }
relays: [wss://good.example, wss://a-relay-with-quite-a-long-name.busy.example, wss://grim.example]
rules:
  - name: blog
    trigger: { feed: { urls: [https://blog.example/feed.xml, https://news.example/atom.xml] } }
    actions: [ { publish: { content: "${{ item.title }}" } } ]
  - name: greet
    trigger: { mention: {} }
    actions: [ { reply: { content: "Hi" } } ]
  - name: a rule with a name that is longer than its column can be
    trigger: { schedule: { every: 6h } }
    actions: [ { publish: { content: "tick" } } ]
  - { name: off, enabled: false, trigger: { mention: {} }, actions: [ { reply: { content: "Hi" } } ] }
`

// TestLook shows what people see of one state, with its times made still.
func TestLook(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		writeConfig(t, dir, lookYAML)
		m := newMemoir(t, dir, botSecret)
		m.fired("blog", "the first post", goodRelay, busyRelay, grimRelay)
		m.fired("gone", "of a rule that is gone", goodRelay)
		<-time.After(50 * time.Hour)
		second := time.Now()
		post := m.fired("blog", "the second post", goodRelay, busyRelay, grimRelay)
		m.deliver(func(d engine.Delivery) engine.Settlement {
			switch d.Relay {
			case busyRelay:
				return engine.Settlement{
					State: engine.Retrying, Next: time.Now().Add(90 * time.Minute), Reason: "rate-limited: \x1b[31mslow down, and read this long text to its very end",
				}
			case grimRelay:
				return engine.Settlement{State: engine.Rejected, Reason: "restricted: not on the list, pay 21 sats at https://grim.example/invoice?for=pubkey&amount=21000msat"}
			}
			return engine.Settlement{State: engine.Accepted}
		})
		for i, o := range []engine.Outcome{engine.ConditionFalse, engine.ConditionFalse, engine.RateLimited, engine.BadSignature} {
			err := m.Record(t.Context(), engine.Decision{
				At: time.Now().Add(-time.Hour * time.Duration(10-i)), Rule: "greet", Trigger: "mention",
				Key: strings.Repeat(fmt.Sprint(i), 64), Outcome: o, Reason: "because \u202eof this",
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for range 3 {
			err := m.Record(t.Context(), engine.Decision{
				At: time.Now().Add(-3 * time.Minute), Rule: "greet", Trigger: "mention", Key: strings.Repeat("9", 64), Outcome: engine.ActionError,
				Reason: "action 1 (http): GET https://weather.example/api/v2/forecast?place=z%C3%BCrich: the server answered 503 \x1b[31m日本語 after 3 tries",
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		state := fmt.Sprintf(`{"url":"https://blog.example/feed.xml","known":true,"read":%d,"held":25,"limit":10}`, time.Now().Unix()-3600)
		for _, p := range []engine.Position{
			engine.Hold{Since: time.Now().Add(-3 * time.Hour), Reason: "too much"}.Position("greet"),
			{Stream: "hold/blog/blog/feed/1", Value: `{"since":"2000-01-03T00:00:00Z","reason":"25 new items at once"}`},
			{Stream: "blog/feed/1", Value: state},
		} {
			if err := m.Advance(t.Context(), p); err != nil {
				t.Fatal(err)
			}
		}
		waits := engine.Decision{
			At: time.Now().Add(-time.Hour), Rule: "greet", Trigger: "mention", Key: strings.Repeat("a", 64),
			Outcome: engine.RateLimited, Reason: "author: 10/1h used up until 2000-01-03T03:00:00Z; it waits, 0 before it",
		}
		waitText := fmt.Sprintf(`{"trigger":"mention","at":%q,"event":{"pubkey":"%s","content":"hello \u202ebot \u001b[31m\nhow are you? This goes on for longer than a line"}}`,
			waits.At.Format(time.RFC3339Nano), strings.Repeat("b", 64))
		if _, err := m.Commit(t.Context(), engine.Entry{Rule: "greet", Key: waits.Key, Wait: waitText, Decision: waits}); err != nil {
			t.Fatal(err)
		}
		m.close()
		look := func(args ...string) string {
			t.Helper()
			code, out, log := invoke(t, map[string]string{"BOT_NSEC": botSecret}, append(args, "-c", filepath.Join(dir, "bot.yaml"))...)
			if code != 0 {
				t.Errorf("%q: exit code %d\n%s", args, code, log)
			}
			out = strings.ReplaceAll(out, dir+string(filepath.Separator), "")
			out = strings.ReplaceAll(out, second.Local().Format(time.DateTime), second.UTC().Format(time.DateTime))
			for line := range strings.Lines(out) {
				if n := screen.WidthOf(strings.TrimSuffix(line, "\n")); n > 80 && !slices.Contains(args, "json") {
					t.Errorf("%q: %d columns: %s", args, n, line)
				}
				if strings.ContainsAny(line, "\x1b\u202e") {
					t.Errorf("%q: what a stranger wrote reaches the terminal: %q", args, line)
				}
			}
			return out
		}
		for name, text := range map[string]string{
			"status.txt":   look("status"),
			"status.json":  look("status", "-o", "json"),
			"outbox.txt":   look("outbox", "list"),
			"outbox.json":  look("outbox", "list", "-o", "json", "--relay", grimRelay, "-n", "1"),
			"waiting.json": look("outbox", "list", "-o", "json", "--rule", "greet"),
			"show.txt":     look("outbox", "show", post.ID[:8]),
			"history.txt":  look("history"),
			"history.json": look("history", "-o", "json", "--rule", "blog", "-n", "1"),
			"undo.txt":     look("undo", "blog", "--since", "1h", "--dry-run"),
		} {
			golden(t, name, text)
		}
	})
}

// TestUndoBatches takes back more events than fit into one request, to the relays that have them, signed by who
// signed them, and drops what is still owed.
func TestUndoBatches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		config := filepath.Join(dir, "bot.yaml")
		writeConfig(t, dir, strings.Replace(lookYAML, "main: {", "other: { key: { env: OTHER_NSEC } }, main: {", 1))
		m := newMemoir(t, dir, botSecret)
		early := m.fired("blog", "too early to be taken back", goodRelay)
		<-time.After(2 * time.Hour)
		for i := range 60 {
			m.fired("blog", fmt.Sprint("everywhere ", i), goodRelay, grimRelay)
		}
		m.secret = visitorSecret
		theirs := m.fired("blog", "of another identity", goodRelay, grimRelay)
		m.secret = botSecret
		partly := m.fired("blog", "grim does not want it", goodRelay, grimRelay)
		m.fired("greet", "of another rule", goodRelay)
		m.deliver(func(d engine.Delivery) engine.Settlement {
			if d.Event.ID == partly.ID && d.Relay == grimRelay {
				return engine.Settlement{State: engine.Rejected, Reason: "blocked: no"}
			}
			return engine.Settlement{State: engine.Accepted}
		})
		waiting := m.fired("blog", "still owed", busyRelay)
		m.close()

		env := map[string]string{"BOT_NSEC": botSecret, "OTHER_NSEC": strings.Repeat("0", 63) + "5"}
		args := []string{"undo", "blog", "--since", "1h", "--yes", "-o", "json", "-c", config}
		code, _, log := invoke(t, env, args...)
		if code != 1 || !strings.Contains(log, "no identity of the configuration has that key; nothing was taken back") {
			t.Errorf("with the wrong key: %d, %s", code, log)
		}
		env["OTHER_NSEC"] = visitorSecret
		code, out, log := invoke(t, env, args...)
		var report struct {
			Planned []struct{ Event string }
			Done    struct {
				Events, Dropped int
				Requests        []string
			}
		}
		if err := json.Unmarshal([]byte(out), &report); err != nil || code != 0 {
			t.Fatalf("%d, %v\n%s", code, err, log)
		}
		// 60 of one author to two relays are two requests; one each for the other author, the one relay and the owed one.
		if len(report.Planned) != 63 || report.Done.Events != 63 || len(report.Done.Requests) != 5 || report.Done.Dropped != 1 {
			t.Errorf("%d planned, %+v", len(report.Planned), report.Done)
		}
		l, err := sqlite.Open(filepath.Join(dir, "rhea.db"), sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		asked := make(map[string][]string)
		for d, err := range l.Deliveries(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if d.Event.ID == waiting.ID && (d.State != engine.GivenUp || d.Reason != ledger.Dropped) {
				t.Errorf("what was still owed is %s: %s", d.State, d.Reason)
			}
			if d.Event.Kind != nostr.KindDeletion {
				continue
			}
			if ok, err := d.Event.CheckSignature(); !ok || d.State != engine.Pending || d.Rule != "blog" {
				t.Errorf("the request to %s: %v, %v, %+v", d.Relay, ok, err, d)
			}
			named := 0
			for tag := range d.Event.Tags.FindAll("e") {
				asked[tag[1]] = append(asked[tag[1]], d.Relay)
				if named++; (tag[1] == theirs.ID) != (d.Event.PubKey == theirs.PubKey) {
					t.Errorf("%s asks to delete what somebody else signed", d.Event.PubKey)
				}
			}
			if named > 50 || d.Event.Tags.FindWithValue("k", "1") == nil {
				t.Errorf("a request names %d events: %v", named, d.Event.Tags[named:])
			}
		}
		for id, want := range map[string][]string{early.ID: nil, partly.ID: {goodRelay}, theirs.ID: {goodRelay, grimRelay}, waiting.ID: {busyRelay}} {
			if got := slices.Sorted(slices.Values(asked[id])); !slices.Equal(got, want) {
				t.Errorf("%s is to be deleted on %q, want %q", id, got, want)
			}
		}
		if len(asked) != 63 {
			t.Errorf("%d events are to be deleted", len(asked))
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if code, out, _ := invoke(t, env, "undo", "blog", "--since", "1h", "-c", config); code != 0 || !strings.Contains(out, "nothing to take back") {
			t.Errorf("again: %d, %s", code, out)
		}
	})
}
