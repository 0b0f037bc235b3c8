package screen

import (
	"slices"
	"strings"
	"testing"
)

// TestWidths: emoji and the characters of China, Japan and Korea take two columns, marks and joiners none.
func TestWidths(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"": 0, "abc": 3, "é": 1, "e\u0301": 1, "日本": 4, "한국": 4, "👩‍🚀": 2, "🇨🇭": 2, "a…": 2} {
		if got := WidthOf(text); got != want {
			t.Errorf("%q has %d columns, want %d", text, got, want)
		}
	}
	for _, c := range []struct {
		text string
		most int
		want string
	}{{"日本語", 6, "日本語"}, {"日本語", 5, "日本…"}, {"日本語", 4, "日…"}, {"👩‍🚀👩‍🚀", 3, "👩‍🚀…"}, {"abc", 2, "a…"}, {"e\u0301tat", 3, "e\u0301t…"}} {
		if got := Clip(c.text, c.most); got != c.want || WidthOf(got) > c.most {
			t.Errorf("%q in %d columns is %q, want %q", c.text, c.most, got, c.want)
		}
	}
}

// TestWrap: words, ids and addresses stay whole; scripts without spaces are broken between their characters.
func TestWrap(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		line string
		want []string
	}{
		{"", []string{""}},
		{"short", []string{"short"}},
		{"one two three four", []string{"one two", "three four"}},
		{"https://pay.example/a/long/way and on", []string{"https://pay.example/a/long/way", "and on"}},
		{"see https://pay.example/a/long/way", []string{"see", "https://pay.example/a/long/way"}},
		{"  indented text here", []string{"  indented", "text here"}},
		{"日本語日本語日本語", []string{"日本語日本", "語日本語"}},
		{"ab 日本語日本語", []string{"ab 日本語", "日本語"}},
		{"👩‍🚀👩‍🚀👩‍🚀👩‍🚀👩‍🚀👩‍🚀", []string{"👩‍🚀👩‍🚀👩‍🚀👩‍🚀👩‍🚀", "👩‍🚀"}},
	} {
		if got := Wrap(c.line, 10); !slices.Equal(got, c.want) {
			t.Errorf("%q is broken into %q, want %q", c.line, got, c.want)
		}
	}
	if got := Hang("! ", "  ", "one two three four", 12); !slices.Equal(got, []string{"! one two", "  three four"}) {
		t.Errorf("the lines are %q", got)
	}
}

// TestTableTellsTheCure: what does not fit into a column that is told whole follows below its row, and columns stand in line
// whatever the script.
func TestTableTellsTheCure(t *testing.T) {
	t.Parallel()
	list := Table{Columns: []Column{{Title: "RELAY", Least: 10}, {Title: "LINK"}, {Title: "WHY", Least: 12, Whole: true}}}
	list.Add("wss://paid.example", "up", "restricted: pay 21 sats at https://paid.example/invoice/"+strings.Repeat("x", 30)+" and try again")
	list.Add("wss://日本.example", "up", "短い")
	list.Add("wss://good.example", "up", "")
	var b strings.Builder
	list.Write(&b)
	want := `RELAY               LINK  WHY
wss://paid.example  up
  restricted: pay 21 sats at
  https://paid.example/invoice/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx and try again
wss://日本.example  up    短い
wss://good.example  up
`
	if b.String() != want {
		t.Errorf("the table is\n%s\nwant\n%s", &b, want)
	}
}
