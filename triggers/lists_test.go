package triggers_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/enginetest"
	"rhea/engine/expression"
	"rhea/triggers"
	"rhea/triggers/events"
	"rhea/triggers/feed"
)

// TestListsAreNeverAbsent asks every list that any kind of trigger offers, of data in which there is nothing.
func TestListsAreNeverAbsent(t *testing.T) {
	t.Parallel()
	for _, kind := range triggers.Kinds() {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			compiler, err := expression.New(kind.Data)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range expression.Names(kind.Data) {
				if !strings.HasPrefix(name.Type, "list") {
					continue
				}
				path := name.Path
				if name.Method {
					path += `("x")`
				}
				for source, want := range map[string]any{
					"len(" + path + ")": 0, "any(" + path + ", true)": false, path + " == []": true, path + " == nil": false,
					"[] != " + path: false, "json(" + path + ")": "[]", "len(map(" + path + ", #))": 0,
					"(" + strings.Replace(path, ".", "?.", 1) + ") == []": true,
				} {
					got, err := compiler.Evaluate(source, empty(t, kind))
					if err != nil || !reflect.DeepEqual(got, want) {
						t.Errorf("%s is %v, %v, want %v", source, got, err, want)
					}
				}
			}
		})
	}
}

// empty makes the data of a kind, of which all is there and says nothing.
func empty(t *testing.T, kind engine.TriggerKind) engine.Data {
	t.Helper()
	v := reflect.New(kind.Data.Elem())
	for _, f := range reflect.VisibleFields(v.Elem().Type()) {
		if f.IsExported() && f.Type.Kind() == reflect.Pointer && f.Type.Elem().Kind() == reflect.Struct {
			v.Elem().FieldByIndex(f.Index).Set(reflect.New(f.Type.Elem()))
		}
	}
	return v.Interface().(engine.Data)
}

// What servers and relays send may lack every list too.
func TestListsOfWhatIsReceived(t *testing.T) {
	t.Parallel()
	feedConfig := feed.Kind().Defaults.(feed.Config)
	feedConfig.URL = "https://site.example/feed.xml"
	item, err := enginetest.Build(t, feed.Kind(), feedConfig, enginetest.Setup(t, nil)).(engine.Sampler).Sample(t.Context(), engine.Sample{
		Document: []byte(`<rss version="2.0"><channel><item><title>x</title></item></channel></rss>`),
	})
	if err != nil {
		t.Fatal(err)
	}
	e := enginetest.Sign(t, enginetest.AliceKey, nostr.Event{Kind: 1})
	e.Tags = nil
	config := events.NostrConfig{Filter: events.Filter{Kinds: []int{1}}}
	event, err := enginetest.Build(t, events.NostrKind(), config, enginetest.Setup(t, new(enginetest.Source))).(engine.Sampler).Sample(t.Context(), engine.Sample{
		Received: &engine.Received{Event: &e},
	})
	if err != nil {
		t.Fatal(err)
	}
	for source, data := range map[string]engine.Data{
		`len(item.categories) == 0 and item.enclosures == [] and json(item.categories) == "[]"`: item[0].Data,
		`len(event.tags) == 0 and event.hashtags == [] and not any(event.mentions, true)`:       event[0].Data,
	} {
		compiler, err := expression.New(reflect.TypeOf(data))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := compiler.Evaluate(source, data); got != true {
			t.Errorf("%s is %v, %v", source, got, err)
		}
	}
}
