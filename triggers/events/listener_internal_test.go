package events

import (
	"errors"
	"strings"
	"testing"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// TestUnwanted asks which events are turned down without a place in the queue: only those for which a condition that names
// nothing to be looked up is false.
func TestUnwanted(t *testing.T) {
	t.Parallel()
	says := func(word string, names ...string) engine.Condition {
		return engine.NewCondition(word, func(d engine.Data) (bool, error) {
			seen, ok := d.(*Data)
			if !ok || seen.Relay != "wss://relay.example" {
				return false, errors.New("it sees something else")
			}
			return strings.Contains(seen.Event.Content, word), nil
		}).WithNames(names, true)
	}
	broken := engine.NewCondition("", func(engine.Data) (bool, error) { return false, errors.New("broken") }).WithNames(nil, true)
	long := engine.NewCondition("", func(engine.Data) (bool, error) { return false, nil }).WithNames([]string{"event.content"}, false)
	for name, tt := range map[string]struct {
		conditions []engine.Condition
		content    string
		asks, down bool
	}{
		"no condition":               {nil, "noise", false, false},
		"true":                       {[]engine.Condition{says("hello", "event.content", "relay")}, "hello", true, false},
		"false":                      {[]engine.Condition{says("hello", "event.content")}, "noise", true, true},
		"one of two is false":        {[]engine.Condition{says("n"), says("hello", "event")}, "noise", true, true},
		"a profile has to be asked":  {[]engine.Condition{says("hello", "author.name")}, "noise", false, false},
		"it tells of another moment": {[]engine.Condition{says("hello", "event.created_at", "now")}, "noise", false, false},
		"it takes long":              {[]engine.Condition{long}, "noise", false, false},
		"it fails":                   {[]engine.Condition{broken}, "noise", true, false},
		"somebody says stop":         {[]engine.Condition{says("hello", "event.content")}, "stop", true, false},
		"it is too large":            {[]engine.Condition{says("hello", "event.content")}, strings.Repeat("x", 1<<20), true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newListener(&engine.Setup{
				Conditions: tt.conditions, Heard: func(e *nostr.Event) bool { return e.Content == "stop" },
			}, nil)
			ask := l.unwanted()
			if (ask != nil) != tt.asks {
				t.Fatalf("events are judged: %t, want %t", ask != nil, tt.asks)
			}
			if ask == nil {
				return
			}
			if down := ask(engine.Received{Event: &nostr.Event{Kind: 1, Content: tt.content}, Relay: "wss://relay.example"}); down != tt.down {
				t.Errorf("turned down: %t, want %t", down, tt.down)
			}
		})
	}
}
