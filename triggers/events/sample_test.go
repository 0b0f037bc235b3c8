package events_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/triggers/events"
)

// TestSampleEvent asks of events that a filter or a trigger turns down whether it says why.
func TestSampleEvent(t *testing.T) {
	t.Parallel()
	bot := enginetest.Pubkey(t, enginetest.BotKey)
	note := nostr.Event{Kind: 1, CreatedAt: nostr.Now(), Content: "hi", Tags: nostr.Tags{}}
	toBot := note
	toBot.Tags = nostr.Tags{{"p", bot}}
	carried := note
	carried.Tags = nostr.Tags{{"e", bot, "", "root", enginetest.Pubkey(t, enginetest.AliceKey)}, {"p", bot}}
	reaction := note
	reaction.Kind = 7
	for name, tc := range map[string]struct {
		kind   engine.TriggerKind
		config any
		event  nostr.Event
		want   string // "" when it fires
	}{
		"kind":          {events.NostrKind(), events.NostrConfig{Filter: events.Filter{Kinds: []int{1, 30023}}}, reaction, "kind 7 is not in kinds [1, 30023]"},
		"author":        {events.NostrKind(), events.NostrConfig{Filter: events.Filter{Authors: []string{bot}}}, note, "its author " + enginetest.Pubkey(t, enginetest.AliceKey)[:8] + "… is not among the authors"},
		"tag":           {events.HashtagKind(), events.HashtagConfig{Any: []string{"Go"}, Kinds: []int{1}}, note, "it has no tag t with go or Go"},
		"mention":       {events.MentionKind(), events.MentionConfig{Kinds: []int{1}, Direct: true}, toBot, ""},
		"carried along": {events.MentionKind(), events.MentionConfig{Kinds: []int{1}, Direct: true}, carried, "the bot is only carried along in the thread's p tags, and direct is true"},
		"no mention":    {events.MentionKind(), events.MentionConfig{Kinds: []int{1}, Direct: true}, note, "it has no tag p with " + bot[:8] + "…"},
		"no reply":      {events.ReplyKind(), events.ReplyConfig{Kinds: []int{1}}, toBot, "the event answers nothing that the bot wrote"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := tc.event
			if err := e.Sign(enginetest.AliceKey); err != nil {
				t.Fatal(err)
			}
			trigger := enginetest.Build(t, tc.kind, tc.config, enginetest.Setup(t, new(enginetest.Source)))
			signals, err := trigger.(engine.Sampler).Sample(t.Context(), engine.Sample{
				Now: time.Now(), Received: &engine.Received{Event: &e},
			})
			enginetest.Sampled(t, signals, err, tc.want)
			if tc.want == "" && (signals[0].Key != e.ID || signals[0].Event != &e) {
				t.Errorf("the signal is %+v", signals[0])
			}
		})
	}
}

// TestPreviewEvents asks for the newest events that the trigger does not pass by.
func TestPreviewEvents(t *testing.T) {
	t.Parallel()
	source := new(enginetest.Source)
	bot := enginetest.Pubkey(t, enginetest.BotKey)
	var ids []string
	for i := range 5 {
		e := nostr.Event{Kind: 1, CreatedAt: nostr.Timestamp(1_770_000_000 + i), Content: fmt.Sprint(i), Tags: nostr.Tags{{"p", bot}}}
		if i == 3 { // Carried along in a thread.
			e.Tags = nostr.Tags{{"e", bot, "", "root", enginetest.Pubkey(t, enginetest.AliceKey)}, {"p", bot}}
		}
		if err := e.Sign(enginetest.AliceKey); err != nil {
			t.Fatal(err)
		}
		source.Add(e)
		ids = append(ids, e.ID)
	}
	trigger := enginetest.Build(t, events.MentionKind(), events.MentionConfig{Kinds: []int{1}, Direct: true}, enginetest.Setup(t, source))
	if keys, err := enginetest.Preview(t, trigger, 2); keys != ids[4]+" "+ids[2] || err != nil {
		t.Errorf("%s, %v", keys, err)
	}
	source.Break(errors.New("the cable is cut"))
	if _, err := enginetest.Preview(t, trigger, 2); err == nil || !strings.Contains(err.Error(), "the cable is cut") {
		t.Errorf("the error is %v", err)
	}
}
