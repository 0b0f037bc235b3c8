package actions_test

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nbd-wtf/go-nostr"

	"rhea/actions"
	"rhea/engine"
	"rhea/engine/enginetest"
)

// TestConformance holds every kind against the contract of actions.
func TestConformance(t *testing.T) {
	t.Parallel()
	configs := map[string][]string{
		"publish": {`{"content": "hello", "hashtags": ["a"], "images": ["https://a.example/b.png"]}`},
		"article": {`{"title": "hello", "content": "hello", "slug": "a"}`},
		"reply":   {`{"content": "hello", "quote": true}`, `{"content": "hello", "event": "` + strings.Repeat("f", 64) + `"}`},
		"quote":   {`{"content": "hello"}`},
		"repost":  {`{}`},
		"react":   {`{}`, `{"content": ":a:", "emoji": "https://a.example/b.png"}`},
		"delete":  {`{"events": ["` + strings.Repeat("d", 64) + `"]}`},
		"http":    {`{"url": "https://a.example/", "method": "POST", "json": {"a": 1}}`},
		"log":     {`{"message": "hello"}`},
	}
	for _, k := range actions.Kinds() {
		name := k.Name
		if len(configs[name]) == 0 {
			t.Errorf("%s is not tested", name)
		}
		for _, config := range configs[name] {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				enginetest.Action(t, func(t *testing.T) enginetest.ActionWorld {
					return enginetest.ActionWorld{Action: mustBuild(t, name, config), Run: worldRun}
				})
			})
		}
	}
}

func worldRun() engine.Run {
	run := newRun(nil)
	run.Event = &nostr.Event{
		ID: note1, PubKey: alice, CreatedAt: 1_790_000_000, Kind: 1, Content: "hello",
		Tags: nostr.Tags{{"e", strings.Repeat("2", 64), "wss://root.example", "root"}, {"p", bert}, {"p", bot}, {"subject", "a"}},
	}
	run.Relay = "wss://relay.example"
	run.Source = relayWith(strings.Repeat("f", 64))
	run.HTTP = func(bool) *http.Client {
		return &http.Client{Transport: respond(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("ok"))}, nil
		})}
	}
	return run
}

// relayWith is a relay that holds one note.
func relayWith(id string) engine.Source {
	source := new(enginetest.Source)
	source.Add(nostr.Event{ID: id, PubKey: bert, Kind: 1, CreatedAt: 1, Content: "stored"})
	return source
}

type respond func(*http.Request) (*http.Response, error)

func (f respond) RoundTrip(r *http.Request) (*http.Response, error) {
	return f(r)
}

// TestStrangersDrafts holds what strangers' events lead to against the registry and the rule that a bot never
// mentions itself.
func TestStrangersDrafts(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]string{"reply": `{"content": "hi"}`, "quote": `{}`, "repost": `{}`, "react": `{}`} {
		action := mustBuild(t, name, config)
		for _, e := range enginetest.StrangeEvents() {
			e.Tags = append(e.Tags, nostr.Tag{"p", bot}, nostr.Tag{"p", other}, nostr.Tag{"P", bot})
			run := newRun(nil)
			run.Event, run.Relay = &e, "wss://relay.example"
			result, err := action.Act(t.Context(), run)
			if err != nil {
				continue
			}
			for _, d := range result.Drafts {
				conforms(t, d)
				noSelfMention(t, d)
			}
		}
	}
}

// FuzzReply answers parents of any shape.
func FuzzReply(f *testing.F) {
	for _, path := range goldenCases(f) {
		if s := readSignal(f, path); s.Event != nil && strings.HasPrefix(filepath.Base(filepath.Dir(path)), "reply") {
			f.Add(s.Event.String())
		}
	}
	action := mustBuild(f, "reply", `{"content": "hi", "quote": true}`)
	f.Fuzz(func(t *testing.T, raw string) {
		var e nostr.Event
		if e.UnmarshalJSON([]byte(raw)) != nil {
			return
		}
		run := newRun(nil)
		run.Event, run.Relay = &e, "wss://relay.example"
		result, err := action.Act(t.Context(), run)
		if err != nil {
			return
		}
		for _, d := range result.Drafts {
			conforms(t, d)
			noSelfMention(t, d)
		}
	})
}
