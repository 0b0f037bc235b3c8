package expression_test

import (
	"reflect"
	"slices"
	"testing"

	"rhea/engine"
	"rhea/engine/expression"
)

type said struct {
	Content string   `expr:"content" words:"free"`
	ID      string   `expr:"id"`
	About   *string  `expr:"about" words:"free"`
	Tags    []string `expr:"tags"`
}

type heard struct {
	engine.Scope
	Event *said `expr:"event"`
	Item  struct {
		Title string `expr:"title"`
	} `expr:"item"`
}

// TestWords: strangers' words that become part of a text as they are, are known when it is compiled.
func TestWords(t *testing.T) {
	t.Parallel()
	for source, want := range map[string][]string{
		"hello":                                                   nil,
		"${{ event.content }}":                                    {"event.content"},
		"a ${{ event.id }} b":                                     nil,
		"${{ item.title }}":                                       nil,
		"${{ event.about ?? 'nothing' }}":                         {"event.about"},
		"${{ sanitize(event.content) }}":                          nil,
		"${{ hashtags(event.content) }}":                          nil,
		"${{ len(event.content) }}":                               nil,
		"${{ event.content == 'x' }}":                             nil,
		"${{ truncate(event.content, 10) }}":                      {"event.content"},
		"${{ truncate(sanitize(event.content), 10) }}":            nil,
		"${{ sanitize(event.content) + event.about }}":            {"event.about"},
		"${{ event.content contains 'x' ? event.about : 'no' }}":  {"event.about"},
		"${{ let w = trim(event.content); upper(w) + event.id }}": {"event.content"},
		"${{ let event = 'x'; event }}":                           nil,
		"${{ event.content[:5] }}":                                {"event.content"},
		"${{ split(event.content, ' ')[0] }}":                     {"event.content"},
		"${{ event.content }} and ${{ event.about }}":             {"event.content", "event.about"},
		"${{ join([event.content, 'x'], ' ') }}":                  {"event.content"},
		"${{ map(event.tags, #) }}":                               nil,
		"${{ text(event.content ?? '') | truncate(20) }}":         {"event.content"},
		"${{ event.content | sanitize() | truncate(20) }}":        nil,
	} {
		c, err := expression.New(reflect.TypeFor[*heard]())
		if err != nil {
			t.Fatal(err)
		}
		split, _ := expression.Split(source)
		text, findings := c.Text(split)
		if err := findings.Err(); err != nil && want != nil {
			t.Errorf("%s: %v", source, err)
		}
		if got := text.Words(); !slices.Equal(got, want) {
			t.Errorf("%s has %v, want %v", source, got, want)
		}
	}
}
