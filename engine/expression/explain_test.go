package expression_test

import (
	"reflect"
	"strings"
	"testing"

	"rhea/engine"
	"rhea/engine/expression"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		source string
		want   []string // operands in reading order: value, ~ when not needed, source
	}{
		"leaf":     {`event.kind == 1`, []string{"true event.kind == 1"}},
		"and":      {`event.kind == 2 and event.content == "x"`, []string{"false event.kind == 2 and event.content == \"x\"", "false event.kind == 2", "false~ event.content == \"x\""}},
		"or":       {`event.kind == 1 or event.content == "x"`, []string{"true event.kind == 1 or event.content == \"x\"", "true event.kind == 1", "false~ event.content == \"x\""}},
		"three":    {`event.kind == 1 && event.kind > 0 && event.kind < 0`, []string{"false event.kind == 1 && event.kind > 0 && event.kind < 0", "true event.kind == 1", "true event.kind > 0", "false event.kind < 0"}},
		"not":      {`not (event.kind == 1)`, []string{"false not (event.kind == 1)", "true event.kind == 1"}},
		"an error": {`event.tags[9][0] == "t" or event.kind == 1`, []string{"error event.tags[9][0] == \"t\" or event.kind == 1", "error event.tags[9][0] == \"t\"", "true~ event.kind == 1"}},
		"methods":  {`"go" in event.hashtags`, []string{"true \"go\" in event.hashtags"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := expression.New(reflect.TypeFor[*data]())
			if err != nil {
				t.Fatal(err)
			}
			d := &data{Event: &event{Kind: 1, Content: "hello", Tags: [][]string{{"t", "go"}}}}
			e, err := c.Explain(tc.source, d)
			if err != nil {
				t.Fatal(err)
			}
			if got := flat(e); !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tc.want, "\n"))
			}
		})
	}
}

func flat(e expression.Explanation) []string {
	value := expression.Show(e.Value, 20)
	if e.Error != "" {
		value = "error"
	}
	if e.Skipped {
		value += "~"
	}
	all := []string{value + " " + e.Source}
	for _, o := range e.Operands {
		all = append(all, flat(o)...)
	}
	return all
}

// TestExplainChangesNothing asks that neither mentions nor steps are left behind.
func TestExplainChangesNothing(t *testing.T) {
	t.Parallel()
	c, err := expression.New(reflect.TypeFor[*data]())
	if err != nil {
		t.Fatal(err)
	}
	d := &data{Event: &event{Content: "hello"}}
	before := *engine.ScopeOf(d)
	const pubkey = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
	if _, err := c.Explain(`mention("`+pubkey+`") != "" and any(1..100, # > 200)`, d); err != nil {
		t.Fatal(err)
	}
	if after := *engine.ScopeOf(d); !reflect.DeepEqual(before, after) {
		t.Errorf("the scope was %+v and is now %+v", before, after)
	}
}
