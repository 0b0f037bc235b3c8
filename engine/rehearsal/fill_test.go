package rehearsal_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/rehearsal"
)

type thing struct {
	engine.Scope

	Item   *item          `expr:"item"`
	Extra  any            `expr:"extra"`
	Fields map[string]int `expr:"fields"`
}

type item struct {
	Title     string     `expr:"title"`
	Words     []string   `expr:"words"`
	Count     int        `expr:"count"`
	Price     float64    `expr:"price"`
	Published *time.Time `expr:"published"`
	hidden    string
}

func kind() engine.TriggerKind {
	return engine.NewTriggerKind[struct{}, thing]("thing", struct{}{}, nil)
}

func TestFill(t *testing.T) {
	t.Parallel()
	data, err := rehearsal.Fill(kind(), map[string]any{
		"item": map[string]any{
			"title": "T", "words": []any{"a", "b"}, "count": 3, "price": 2, "published": "2026-03-05T08:00:00Z",
		},
		"extra": []any{1}, "fields": map[string]any{"x": 1}, "rule": map[string]any{"name": "r"},
	})
	if err != nil {
		t.Fatal(err)
	}
	got, ok := data.(*thing)
	if !ok || got.Item.Title != "T" || len(got.Item.Words) != 2 || got.Item.Count != 3 || got.Item.Price != 2 ||
		!got.Item.Published.Equal(time.Date(2026, 3, 5, 8, 0, 0, 0, time.UTC)) || got.Fields["x"] != 1 || got.Rule.Name != "r" {
		t.Errorf("filled %+v %+v", got, got.Item)
	}
	if got.Item.hidden != "" {
		t.Error("a hidden field was filled")
	}
}

func TestFillMistakes(t *testing.T) {
	t.Parallel()
	for want, given := range map[string]map[string]any{
		"item.titel: the trigger does not offer this": {"item": map[string]any{"titel": "x"}},
		"item.count: x is not of its type, int":       {"item": map[string]any{"count": "x"}},
		"item.title: 3 is not of its type, string":    {"item": map[string]any{"title": 3}},
		"item.words.1: a map is not of its type":      {"item": map[string]any{"words": []any{"a", map[string]any{}}}},
		"item.published: \"soon\" is not a time":      {"item": map[string]any{"published": "soon"}},
		"hidden: the trigger does not offer this":     {"hidden": "x"},
	} {
		_, err := rehearsal.Fill(kind(), given)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %q", err, want)
		}
	}
}

// TestFakeIdentities asks that made-up keys are the same on every machine and different for every name, and that limits stay.
func TestFakeIdentities(t *testing.T) {
	t.Parallel()
	stop := []engine.Rate{{Count: 1, Per: time.Hour}}
	ids, err := rehearsal.FakeIdentities([]config.Identity{{Name: "main", FloodStop: stop}, {Name: "helper"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := ids["main"].Signer.PublicKey(); got != mainPubkey || ids["helper"].Signer.PublicKey() == got {
		t.Errorf("main is %s", got)
	}
	if !slices.Equal(ids["main"].FloodStop, stop) || ids["helper"].FloodStop != nil {
		t.Errorf("the flood stops are %v and %v", ids["main"].FloodStop, ids["helper"].FloodStop)
	}
}

const mainPubkey = "36bba536b62b2e0d137a7806eb7792dce3357a74be1eef0a025e02693c3e4bcd"
