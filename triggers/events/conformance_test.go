package events_test

import (
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/triggers/events"
)

func TestTriggersKeepTheContract(t *testing.T) {
	t.Parallel()
	t.Run("nostr", func(t *testing.T) {
		t.Parallel()
		config := events.NostrConfig{Filter: events.Filter{Kinds: []int{1}}}
		enginetest.Trigger(t, onRelay(events.NostrKind(), config, nostr.Event{Kind: 1}))
	})
	t.Run("mention", func(t *testing.T) {
		t.Parallel()
		event := nostr.Event{Kind: 1, Tags: nostr.Tags{{"p", enginetest.Pubkey(t, enginetest.BotKey)}}}
		enginetest.Trigger(t, onRelay(events.MentionKind(), events.MentionKind().Defaults, event))
	})
	t.Run("hashtag", func(t *testing.T) {
		t.Parallel()
		event := nostr.Event{Kind: 1, Tags: nostr.Tags{{"t", "nostr"}}}
		config := events.HashtagConfig{Any: []string{"nostr"}, Kinds: []int{1}}
		enginetest.Trigger(t, onRelay(events.HashtagKind(), config, event))
	})
	t.Run("reply", func(t *testing.T) {
		t.Parallel()
		event := nostr.Event{Kind: 1, Tags: nostr.Tags{
			{"e", nobodysKey, "", "root", enginetest.Pubkey(t, enginetest.BotKey)}, {"p", enginetest.Pubkey(t, enginetest.BotKey)},
		}}
		enginetest.Trigger(t, onRelay(events.ReplyKind(), events.ReplyKind().Defaults, event))
	})
}

// onRelay is a world in which one more event like the sample appears on the relay.
func onRelay(k engine.TriggerKind, config any, sample nostr.Event) func(t *testing.T) enginetest.TriggerWorld {
	return func(t *testing.T) enginetest.TriggerWorld {
		source := new(enginetest.Source)
		return enginetest.TriggerWorld{
			Build: func() engine.Trigger { return enginetest.Build(t, k, config, enginetest.Setup(t, source)) },
			Happen: func() {
				e := sample
				e.Content = time.Now().String()
				source.Add(enginetest.Sign(t, enginetest.AliceKey, e))
			},
		}
	}
}
