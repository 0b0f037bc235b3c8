package expression

import (
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"
)

// layout warns about a layout of a time that shows nothing of it, such as YYYY-MM-DD.
func layout(function string, arguments []ast.Node) Findings {
	if function != "format" || len(arguments) < 2 {
		return nil
	}
	s, ok := arguments[1].(*ast.StringNode)
	if !ok || s.Value == "" {
		return nil
	}
	for _, t := range []time.Time{time.Date(2031, 3, 4, 17, 8, 9, 0, time.UTC), time.Date(2032, 12, 25, 6, 37, 41, 0, time.UTC)} {
		if t.Format(s.Value) != s.Value {
			return nil
		}
	}
	hint := `write it with the parts of Monday 2 January 2006 15:04:05, such as "2006-01-02 15:04"`
	if ours := oursOf(s.Value); ours != s.Value && len(ours) <= longestPattern {
		hint = "write \"" + ours + "\": a layout shows Monday 2 January 2006 15:04:05"
	}
	return Findings{{
		Warning: true, Code: CodeLayout, Offset: s.Location().From,
		Message: "this layout shows nothing of the time: it is written as it stands", Hint: hint,
	}}
}

// oursOf writes a layout of other programs as one of ours, as far as it is known.
func oursOf(layout string) string {
	return strings.NewReplacer(
		"YYYY", "2006", "yyyy", "2006", "YY", "06", "MMMM", "January", "MMM", "Jan", "MM", "01", "DD", "02", "dd", "02",
		"HH", "15", "hh", "03", "mm", "04", "SS", "05", "ss", "05", "%Y", "2006", "%y", "06", "%m", "01", "%d", "02", "%B", "January",
		"%b", "Jan", "%A", "Monday", "%a", "Mon", "%H", "15", "%I", "03", "%M", "04", "%S", "05", "%p", "PM",
	).Replace(layout)
}
