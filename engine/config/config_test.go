package config_test

import (
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"rhea/engine"
	"rhea/engine/config"
)

func options() config.Options {
	return config.Options{Kinds: kinds(), LookupEnv: func(name string) (string, bool) {
		v, ok := map[string]string{
			"TITLE": "a title with ${{ event }}", "EVERY": "6h", "EMPTY": "", "SECRET": "topsecretvalue",
		}[name]
		return v, ok
	}}
}

func TestWhole(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/whole.yaml")
	if err != nil {
		t.Fatal(err)
	}
	f, err := config.Parse("bot.yaml", data, options())
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Warnings) > 0 {
		t.Error(f.Warnings)
	}
	if len(f.Identities) != 2 || f.Identities[0].Name != "main" || f.Identities[1].Key.Passphrase.Env != "HELPER_PASS" {
		t.Errorf("identities: %+v", f.Identities)
	}
	if p := f.Identities[0].Profile; p == nil || p.Name != "Example Bot" || !p.Bot {
		t.Errorf("profile: %+v", p)
	}
	greet, ok := f.Rule("greet")
	if !ok {
		t.Fatal("no rule greet")
	}
	if greet.Identity != "helper" || greet.Place != "bot.yaml:26" || len(greet.If) != 2 || greet.Triggers[0].Kind.Name != "mention" {
		t.Errorf("greet: %+v", greet)
	}
	if want := (engine.Limit{
		Author: []engine.Rate{{Count: 3, Per: 10 * time.Minute}}, Thread: []engine.Rate{{Count: 3, Per: engine.CounterAge}},
		Rate: []engine.Rate{{Count: 60, Per: time.Hour}},
	}); !reflect.DeepEqual(greet.Limit, want) {
		t.Errorf("limit: %+v", greet.Limit)
	}
	if greet.MaxAge != 15*time.Minute || greet.Quorum != 1 || greet.Concurrency != 4 || greet.Retry.Max != 5*time.Minute {
		t.Errorf("defaults: %+v", greet)
	}
	if want := []string{"author.name", "event.content"}; !slices.Equal(keys(greet.Uses), want) {
		t.Errorf("uses: %v", greet.Uses)
	}
	ok, err = greet.If[0].Eval(&eventData{Event: &event{Content: "Hello!"}})
	if err != nil || !ok {
		t.Error(ok, err)
	}
	price, _ := f.Rule("price")
	if want := []string{"outputs.price.body.usd"}; !slices.Equal(keys(price.Uses), want) || price.Steps[0].ID != "price" {
		t.Errorf("price: %+v", price)
	}
	if blog, _ := f.Rule("blog"); !slices.Equal(blog.Relays, []string{"wss://relay.one.example", "wss://relay.two.example"}) || blog.MaxAge != 0 {
		t.Errorf("blog: %+v", blog)
	}
	if len(f.Tests) != 3 || f.Tests[2].Steps[0].At.IsZero() || f.Tests[0].Steps[0].Expect.Published[0].Content.Contains != "Hi" {
		t.Errorf("tests: %+v", f.Tests)
	}
}

func keys(m map[string]bool) []string {
	var all []string
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}
