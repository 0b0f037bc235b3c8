package events_test

import (
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine/enginetest"
	"rhea/triggers/events"
)

func TestHashtagAsksForEveryForm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := new(enginetest.Source)
		config := events.HashtagConfig{Any: []string{"#GoLang", "nostr", "Nostr", "Straße"}, Kinds: []int{1}}
		enginetest.RunFor(t, enginetest.Build(t, events.HashtagKind(), config, enginetest.Setup(t, source)), new(enginetest.Intake), time.Second)
		want := []string{"golang", "GoLang", "nostr", "Nostr", "straße", "Straße"}
		if got := source.Queries()[0].Filters[0].Tags["t"]; !reflect.DeepEqual(got, want) {
			t.Errorf("asked for %q, want %q", got, want)
		}
	})
}

func TestHashtagRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name        string
		config      any
		paths, says string
	}{
		{"nothing", events.HashtagConfig{Kinds: []int{1}}, "any", "no hashtag"},
		{"only a sign", events.HashtagConfig{Any: []string{"nostr", "#"}, Kinds: []int{1}}, "any.1", "one hashtag"},
		{"two in one", events.HashtagConfig{Any: []string{"nostr golang"}, Kinds: []int{1}}, "any.0", "one hashtag"},
		{"no kinds", events.HashtagConfig{Any: []string{"nostr"}, Kinds: []int{}}, "kinds", "would match nothing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			enginetest.Refuses(t, events.HashtagKind(), tt.config, tt.paths, tt.says)
		})
	}
}
