package config_test

import (
	"slices"
	"testing"

	"rhea/engine"
	"rhea/engine/config"
)

func TestOneValueIsAListOfOne(t *testing.T) {
	t.Parallel()
	var published []publishConfig
	opts := options()
	opts.Kinds.Actions = []engine.ActionKind{
		engine.NewActionKind("publish", publishConfig{}, func(c publishConfig) (engine.Action, error) {
			published = append(published, c)
			return nothing{}, nil
		}),
	}
	f, err := config.Parse("bot.yaml", []byte(`version: 1
identities: { main: { key: { env: A } } }
relays: [wss://relay.example]
rules:
  - name: a
    trigger: { nostr: { kinds: 7, authors: "${EVERY}" } }
    actions: [{ publish: { hashtags: golang } }, { publish: { hashtags: "${{ ['a', 'b'] }}" } }]
`), opts)
	if err != nil {
		t.Fatal(err)
	}
	c, ok := f.Rules[0].Triggers[0].Config.(nostrConfig)
	if !ok || !slices.Equal(c.Kinds, []int{7}) || !slices.Equal(c.Authors, []string{"6h"}) {
		t.Errorf("the trigger is %+v", f.Rules[0].Triggers[0].Config)
	}
	for i, want := range [][]string{{"golang"}, {"a", "b"}} {
		if got, err := published[i].Hashtags.Eval(new(eventData)); err != nil || !slices.Equal(got, want) {
			t.Errorf("the hashtags are %v, %v, want %v", got, err, want)
		}
	}
}
