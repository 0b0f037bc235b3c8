package expression_test

import (
	"reflect"
	"testing"
	"time"

	"rhea/engine"
	"rhea/engine/expression"
)

// data is what a trigger of these tests offers.
type data struct {
	engine.Scope
	Event  *event   `expr:"event"`
	Author *author  `expr:"author"`
	Item   item     `expr:"item"`
	Relay  string   `expr:"relay"`
	Answer any      `expr:"answer"`
	Words  []string `expr:"words"`
}

type event struct {
	ID        string     `expr:"id"`
	Content   string     `expr:"content"`
	Kind      int        `expr:"kind"`
	CreatedAt time.Time  `expr:"created_at"`
	Tags      [][]string `expr:"tags"`
}

func (e *event) Hashtags() []string { return e.TagsOf("t") }

func (e *event) ParentID() string { return "parent" }

func (e *event) Tag(name string) string {
	for _, v := range e.TagsOf(name) {
		return v
	}
	return ""
}

func (e *event) TagsOf(name string) []string {
	var all []string
	for _, t := range e.Tags {
		if t[0] == name {
			all = append(all, t[1])
		}
	}
	return all
}

type author struct {
	Pubkey string  `expr:"pubkey"`
	Name   *string `expr:"name"`
	Bot    *bool   `expr:"bot"`
}

type item struct {
	Title     string     `expr:"title"`
	Published *time.Time `expr:"published"`
}

const pubkey = "3bf0c63fcb93463407af97a5e5ee64fa883d107ef9e558472c4eb9aaaefa459d"

func sample() *data {
	name := "Ada"
	return &data{
		Scope: engine.Scope{
			Rule: engine.RuleInfo{Name: "greet"}, Bot: engine.Bot{Name: "main"},
			Now:     time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC),
			Outputs: map[string]any{"price": map[string]any{"body": map[string]any{"usd": 63000.0}}},
		},
		Event: &event{
			ID: "e1", Content: "Hello bot 🦩", Kind: 1, CreatedAt: time.Date(2026, 3, 4, 9, 0, 0, 0, time.UTC),
			Tags: [][]string{{"t", "nostr"}, {"t", "golang"}, {"p", pubkey}},
		},
		Author: &author{Pubkey: pubkey, Name: &name},
		Item:   item{Title: "News & <b>more</b>"},
		Relay:  "wss://relay.example",
		Words:  []string{"one", "two"},
	}
}

func compiler(t testing.TB) *expression.Compiler {
	t.Helper()
	c, err := expression.New(reflect.TypeFor[*data]())
	if err != nil {
		t.Fatal(err)
	}
	return c.WithOutputs([]string{"price"}, []string{"later"})
}

func evalText(t *testing.T, source string) (string, error) {
	t.Helper()
	template, findings := expression.Split(source)
	if err := findings.Err(); err != nil {
		return "", err
	}
	text, findings := compiler(t).Text(template)
	if err := findings.Err(); err != nil {
		return "", err
	}
	return text.Eval(sample())
}

func compilerType() reflect.Type { return reflect.TypeFor[*data]() }

// Pair cannot be offered: an expression has one value.
func (*data) Pair() (first, second string) { return "one", "two" }

// Rest gives nothing.
func (*data) Rest() {}

func (e *event) Both() (string, bool) { return e.ID, true }
