package expression_test

import (
	"reflect"
	"testing"

	"rhea/engine"
	"rhea/engine/expression"
)

// post has a list of structures, as an item of a feed has.
type post struct {
	engine.Scope
	Files []attached `expr:"files"`
}

type attached struct {
	URL  string `expr:"url"`
	Type string `expr:"type"`
}

// TestFirstOfFilter names a member of the first and the last that a filter leaves.
func TestFirstOfFilter(t *testing.T) {
	t.Parallel()
	c, err := expression.New(reflect.TypeFor[*post]())
	if err != nil {
		t.Fatal(err)
	}
	d := &post{Files: []attached{{"a.jpg", "image"}, {"b.mp3", "audio"}, {"c.mp3", "audio"}}}
	for source, want := range map[string]string{
		`${{ filter(files, .type == "audio")[0].url }}`:         "b.mp3",
		`${{ filter(files, .type == "audio")[-1].url }}`:        "c.mp3",
		`${{ filter(files, .type == "audio")[0]?.url }}`:        "b.mp3",
		`${{ map(filter(files, .type == "audio"), #)[0].url }}`: "b.mp3",
		`${{ first(filter(files, .type == "audio")).url }}`:     "b.mp3",
		`${{ last(filter(files, .type == "audio")).url }}`:      "c.mp3",
		`${{ filter(files, .type == "image")[0].url + "!" }}`:   "a.jpg!",
	} {
		template, _ := expression.Split(source)
		text, findings := c.Text(template)
		if err := findings.Err(); err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got, err := text.Eval(d); err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", source, got, err, want)
		}
	}
}
