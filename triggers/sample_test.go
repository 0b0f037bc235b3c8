package triggers_test

import (
	"os"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/triggers"
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
		kind   string
		config any
		event  nostr.Event
		want   string // "" when it fires
	}{
		"kind":            {"nostr", triggers.NostrConfig{NostrFilter: triggers.NostrFilter{Kinds: []int{1, 30023}}}, reaction, "kind 7 is not in kinds [1, 30023]"},
		"author":          {"nostr", triggers.NostrConfig{NostrFilter: triggers.NostrFilter{Authors: []string{bot}}}, note, "its author " + enginetest.Pubkey(t, enginetest.AliceKey)[:8] + "… is not among the authors"},
		"tag":             {"hashtag", triggers.HashtagConfig{Any: []string{"Go"}, Kinds: []int{1}}, note, "it has no tag t with go or Go"},
		"mention":         {"mention", triggers.MentionConfig{Kinds: []int{1}, Direct: true}, toBot, ""},
		"carried along":   {"mention", triggers.MentionConfig{Kinds: []int{1}, Direct: true}, carried, "the bot is only carried along in the thread's p tags, and direct is true"},
		"no mention":      {"mention", triggers.MentionConfig{Kinds: []int{1}, Direct: true}, note, "it has no tag p with " + bot[:8] + "…"},
		"no reply":        {"reply", triggers.ReplyConfig{Kinds: []int{1}}, toBot, "the event answers nothing that the bot wrote"},
		"not for a clock": {"schedule", triggers.ScheduleConfig{Cron: "0 8 * * *", Timezone: "UTC", CatchUp: "skip"}, note, "it waits for planned times, and something else is given"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := tc.event
			if err := e.Sign(enginetest.AliceKey); err != nil {
				t.Fatal(err)
			}
			trigger := enginetest.Build(t, kind(tc.kind), tc.config, enginetest.Setup(t, new(enginetest.Source)))
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

func TestSampleTime(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	config := triggers.ScheduleConfig{Cron: "0 8 * * *", Timezone: "UTC", CatchUp: "skip"}
	trigger := enginetest.Build(t, kind("schedule"), config, enginetest.Setup(t, new(enginetest.Source)))
	for name, tc := range map[string]struct {
		at   time.Time
		want string
	}{
		"planned":     {now.Add(-4 * time.Hour), ""},
		"the next":    {time.Time{}, ""},
		"not planned": {now, "2026-03-01T12:00:00Z is not a planned time; the next one is 2026-03-02T08:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			signals, err := trigger.(engine.Sampler).Sample(t.Context(), engine.Sample{Now: now, Time: tc.at})
			enginetest.Sampled(t, signals, err, tc.want)
		})
	}
}

func TestSampleFeed(t *testing.T) {
	t.Parallel()
	s := enginetest.Setup(t, new(enginetest.Source))
	config := kind("feed").Defaults.(triggers.FeedConfig)
	config.URL = "https://blog.example/feed.xml"
	sampler := enginetest.Build(t, kind("feed"), config, s).(engine.Sampler)
	body, err := os.ReadFile("testdata/sample.xml")
	if err != nil {
		t.Fatal(err)
	}
	signals, err := sampler.Sample(t.Context(), engine.Sample{Now: time.Now(), Document: body})
	if err != nil || len(signals) != 2 {
		t.Fatalf("%d signals and the error %v", len(signals), err)
	}
	if title := signals[0].Data.(*triggers.FeedData).Item.Title; title != "Older" {
		t.Errorf("the first item is %q, want the oldest", title)
	}
	item := &triggers.FeedData{Item: &triggers.Item{Title: "Given", Link: "https://www.blog.example/3/"}}
	signals, err = sampler.Sample(t.Context(), engine.Sample{Now: time.Now(), Data: item})
	enginetest.Sampled(t, signals, err, "")
	if signals[0].Key != "//blog.example/3" {
		t.Errorf("the key of the item is %q, not its identity", signals[0].Key)
	}
	_, err = sampler.Sample(t.Context(), engine.Sample{Now: time.Now(), Received: &engine.Received{}})
	enginetest.Sampled(t, nil, err, "it waits for items of a feed, and none is given")
}
