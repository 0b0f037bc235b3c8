package actions_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/engine/reference"
)

// TestLookup covers how an action finds the event that its configuration names.
func TestLookup(t *testing.T) {
	t.Parallel()
	id := strings.Repeat("f", 64)
	down := new(enginetest.Source)
	down.Break(errors.New("all down"))
	tests := []struct {
		name, event string
		source      *enginetest.Source
		want        string
		temporary   bool
	}{
		{"from a relay", id, relayWith(id).(*enginetest.Source), "", false},
		{"not there", strings.Repeat("e", 64), relayWith(id).(*enginetest.Source), "event: no relay has it", true},
		{"relays down", id, down, "event: asking relays: all down", true},
		{"empty", "", new(enginetest.Source), "does not name an event", false},
		{"a person", "npub180cvv07tjdrrgpa0j7j7tmnyl2yr6yr7l8j4s3evf6u64th6gkwsyjh6w6", new(enginetest.Source), "does not name an event", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			run := newRun(map[string]string{"id": tt.event})
			run.Source = tt.source
			result, err := mustBuild(t, "repost", `{"event": "${{ id }}"}`).Act(t.Context(), run)
			if tt.want == "" {
				if err != nil || len(result.Drafts) != 1 || result.Drafts[0].Tags[0][1] != id {
					t.Errorf("got %v, %v", result, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) || isTemporary(err) != tt.temporary {
				t.Errorf("error is %v, want %q", err, tt.want)
			}
		})
	}
}

// TestLookupDeadline shows that a relay that never answers does not hold the rule.
func TestLookupDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		run := newRun(nil)
		run.Source = &enginetest.Source{Delay: time.Hour}
		start := time.Now()
		_, err := mustBuild(t, "repost", `{"event": "`+note1+`"}`).Act(t.Context(), run)
		if err == nil || !isTemporary(err) || time.Since(start) > 10*time.Second {
			t.Errorf("after %s: %v", time.Since(start), err)
		}
	})
}

// TestTargetOfThisRun answers what an earlier action has made, without asking a relay.
func TestTargetOfThisRun(t *testing.T) {
	t.Parallel()
	run := newRun(map[string]string{"id": note1})
	run.Drafted = []nostr.Event{{ID: note1, PubKey: bot, Kind: 1, Content: "made"}}
	result, err := mustBuild(t, "quote", `{"content": "See", "event": "${{ id }}"}`).Act(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	want := nostr.Tags{{"q", note1, "wss://home.example", bot}}
	if got := result.Drafts[0].Tags; len(got) != 1 || !slices.Equal(got[0], want[0]) {
		t.Errorf("tags are %v, want %v", got, want)
	}
}

// asked is a source that remembers which relays it was sent to.
type asked struct {
	enginetest.Source
	relays []string
}

func (a *asked) Fetch(ctx context.Context, relays []string, filter nostr.Filter) ([]nostr.Event, error) {
	a.relays = relays
	return a.Source.Fetch(ctx, relays, filter)
}

// TestLookupHints follows a stranger's hints only to the public network, and not to many.
func TestLookupHints(t *testing.T) {
	t.Parallel()
	id := strings.Repeat("f", 64)
	name, err := reference.Nevent(id, bert, 1, "ws://192.168.0.1", "wss://10.0.0.1", "wss://localhost", "wss://printer.local",
		"wss://[::1]:7777", "wss://127.1", "wss://0x7f.0x1", "wss://one.example", "wss://two.example", "wss://three.example", "wss://four.example")
	if err != nil {
		t.Fatal(err)
	}
	source := new(asked)
	source.Add(nostr.Event{ID: id, PubKey: bert, Kind: 1})
	run := newRun(map[string]string{"name": name})
	run.Source = source
	result, err := mustBuild(t, "repost", `{"event": "${{ name }}"}`).Act(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"wss://home.example", "wss://one.example", "wss://two.example", "wss://three.example"}
	if !slices.Equal(source.relays, want) {
		t.Errorf("asked %v, want %v", source.relays, want)
	}
	if hint := result.Drafts[0].Tags[0][2]; hint != "wss://one.example" {
		t.Errorf("the repost says %s has it", hint)
	}
}

// TestLookupAddress finds the current version of an addressable event.
func TestLookupAddress(t *testing.T) {
	t.Parallel()
	source := new(enginetest.Source)
	source.Add(nostr.Event{ID: note1, PubKey: bert, Kind: 30023, Tags: nostr.Tags{{"d", "post"}}})
	name, err := reference.Naddr(30023, bert, "post")
	if err != nil {
		t.Fatal(err)
	}
	run := newRun(map[string]string{"name": name})
	run.Source = source
	result, err := mustBuild(t, "react", `{"event": "${{ name }}"}`).Act(t.Context(), run)
	if err != nil || result.Drafts[0].Tags[0][1] != "30023:"+bert+":post" {
		t.Errorf("got %v, %v", result, err)
	}
}

func TestNeedsEvent(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"reply", "quote", "repost", "react"} {
		content := ""
		if name == "reply" {
			content = `"content": "x", `
		}
		for config, want := range map[string]bool{
			`{` + strings.TrimSuffix(content, ", ") + `}`: true,
			`{` + content + `"event": "${{ id }}"}`:       false,
		} {
			a, ok := mustBuild(t, name, config).(engine.EventAction)
			if !ok || a.NeedsEvent() != want {
				t.Errorf("%s %s: needs an event is not %v", name, config, want)
			}
		}
	}
}
