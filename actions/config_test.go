package actions_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/actions"
	"rhea/engine"
)

// data is what the texts of these tests see: ${{ name }} is replaced by a variable.
type data struct {
	engine.Scope
	vars map[string]string
}

// feedData is data that came from outside Nostr.
type feedData struct{ data }

func (feedData) Proxy() (id, protocol string) { return "https://blog.example/feed.xml#42", "rss" }

// answerData is data about an answer to a known event.
type answerData struct {
	data
	parent *nostr.Event
}

func (d *answerData) Answered() (e *nostr.Event, ok bool) { return d.parent, d.parent != nil }

const (
	bot   = "b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0"
	alice = "a11cea11cea11cea11cea11cea11cea11cea11cea11cea11cea11cea11cea11c"
	bert  = "be27be27be27be27be27be27be27be27be27be27be27be27be27be27be27be27"
	other = "0ddb0ddb0ddb0ddb0ddb0ddb0ddb0ddb0ddb0ddb0ddb0ddb0ddb0ddb0ddb0ddb"
	note1 = "1111111111111111111111111111111111111111111111111111111111111111"
)

var errEval = errors.New("no such variable")

func newRun(vars map[string]string) engine.Run {
	return engine.Run{
		Rule: "test", Step: "1", IdempotencyKey: "test/key/1",
		Data: &data{vars: vars}, Pubkey: bot, Own: []string{bot, other},
		Relays: []string{"wss://home.example"}, Now: time.Unix(1_800_000_000, 0).UTC(),
		Log: slog.New(slog.DiscardHandler),
	}
}

func kind(t testing.TB, name string) engine.ActionKind {
	t.Helper()
	for _, k := range actions.Kinds() {
		if k.Name == name {
			return k
		}
	}
	t.Fatalf("there is no kind %q", name)
	return engine.ActionKind{}
}

// build makes an action from a configuration as JSON, the way YAML would read it.
func build(t testing.TB, name, config string) (engine.Action, error) {
	t.Helper()
	k := kind(t, name)
	v := reflect.New(k.Config).Elem()
	v.Set(reflect.ValueOf(k.Defaults))
	var keys map[string]any
	if err := json.Unmarshal([]byte(config), &keys); err != nil {
		t.Fatal(err)
	}
	for key, value := range keys {
		field, ok := fieldOf(v, key)
		if !ok {
			t.Fatalf("%s has no key %q", name, key)
		}
		decode(t, field, value)
	}
	return k.Build(v.Interface())
}

func mustBuild(t testing.TB, name, config string) engine.Action {
	t.Helper()
	a, err := build(t, name, config)
	if err != nil {
		t.Fatalf("%s %s: %v", name, config, err)
	}
	return a
}

func fieldOf(v reflect.Value, key string) (reflect.Value, bool) {
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag.Get("yaml")
		if tag == key {
			return v.Field(i), true
		}
		if tag == ",inline" {
			if f, ok := fieldOf(v.Field(i), key); ok {
				return f, true
			}
		}
	}
	return reflect.Value{}, false
}

func decode(t testing.TB, field reflect.Value, value any) {
	t.Helper()
	switch target := field.Addr().Interface().(type) {
	case *engine.Text:
		*target = newText(fmt.Sprint(value))
	case *engine.Strings:
		*target = newStrings(value)
	case *engine.Value:
		*target = engine.NewValue("value", func(engine.Data) (any, error) { return value, nil })
	case *map[string]engine.Text:
		*target = map[string]engine.Text{}
		for k, v := range value.(map[string]any) {
			(*target)[k] = newText(fmt.Sprint(v))
		}
	case *[][]engine.Text:
		for _, list := range value.([]any) {
			var tag []engine.Text
			for _, v := range list.([]any) {
				tag = append(tag, newText(fmt.Sprint(v)))
			}
			*target = append(*target, tag)
		}
	case *engine.Duration:
		if err := target.UnmarshalText([]byte(value.(string))); err != nil {
			t.Fatal(err)
		}
	default:
		raw, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, target); err != nil {
			t.Fatal(err)
		}
	}
}

func newText(source string) engine.Text {
	return engine.NewText(source, func(d engine.Data) (string, error) { return expand(source, d) })
}

func newStrings(value any) engine.Strings {
	return engine.NewStrings(fmt.Sprint(value), func(d engine.Data) ([]string, error) {
		if s, ok := value.(string); ok {
			s, err := expand(s, d)
			return strings.Split(s, ","), err
		}
		var list []string
		for _, v := range value.([]any) {
			s, err := expand(fmt.Sprint(v), d)
			if err != nil {
				return nil, err
			}
			list = append(list, s)
		}
		return list, nil
	})
}

func expand(source string, d engine.Data) (string, error) {
	var vars map[string]string
	switch d := d.(type) {
	case *data:
		vars = d.vars
	case *feedData:
		vars = d.vars
	case *itemData:
		vars = d.vars
	case *answerData:
		vars = d.vars
	}
	for {
		before, rest, ok := strings.Cut(source, "${{ ")
		if !ok {
			return source, nil
		}
		name, after, _ := strings.Cut(rest, " }}")
		v, ok := vars[name]
		if !ok {
			return "", fmt.Errorf("%s: %w", name, errEval)
		}
		source = before + v + after
	}
}
