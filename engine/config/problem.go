package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Severity separates errors from warnings, and both from notes, which tell what will happen and ask for nothing.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// Problem is one mistake with its place.
type Problem struct {
	Severity Severity `json:"severity"`
	// File, Line and Column are where it is; line and column count from 1, columns in characters.
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	// Code is a short name for this sort of mistake, in kebab case.
	Code string `json:"code"`
	// Message describes what is wrong, Hint what to do about it.
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	// Snippet is the line of the source, without anything secret.
	Snippet string `json:"snippet,omitempty"`
}

// Error writes the problem as file:line:column: error: message [code].
func (p Problem) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s: %s [%s]", p.File, p.Line, p.Column, p.Severity, p.Message, p.Code)
}

// width is what fits on a terminal.
const width = 80

// Render writes the problem with its line, a caret below the place and the hint, no wider than 80 columns.
func (p Problem) Render() string {
	var b strings.Builder
	b.WriteString(wrap(p.Error(), "    "))
	if p.Snippet != "" {
		line, column := cut(p.Snippet, p.Column-1, width-4)
		fmt.Fprintf(&b, "\n    %s\n    %s^", line, strings.Repeat(" ", column))
	}
	if p.Hint != "" {
		b.WriteString("\n" + wrap("  hint: "+p.Hint, "        "))
	}
	return b.String()
}

// wrap breaks a text at spaces so that no line is wider than a terminal, unless one word is.
func wrap(s, indent string) string {
	var b strings.Builder
	column := 0
	for i, word := range strings.Split(s, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+1+n > width:
			b.WriteString("\n" + indent)
			column = len(indent)
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}

// cut shortens a line around a column and returns where the column went. Tabs become spaces.
func cut(line string, column, most int) (string, int) {
	rs := []rune(strings.ReplaceAll(line, "\t", " "))
	column = min(max(column, 0), len(rs))
	if len(rs) <= most {
		return string(rs), column
	}
	start := max(0, min(column-most/2, len(rs)-most+2))
	end := min(len(rs), start+most-4)
	text := string(rs[start:end])
	column -= start
	if start > 0 {
		text, column = "… "+text, column+2
	}
	if end < len(rs) {
		text += " …"
	}
	return text, column
}

// Problems are sorted by place. As an error they are all of what is wrong.
type Problems []Problem

// Error writes one line for each problem.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i := range p {
		lines[i] = p[i].Error()
	}
	return strings.Join(lines, "\n")
}

// Render writes all problems with their lines.
func (p Problems) Render() string {
	var b strings.Builder
	for _, one := range p {
		b.WriteString(one.Render() + "\n")
	}
	return b.String()
}

// Errors returns the problems that are mistakes.
func (p Problems) Errors() Problems { return p.only(Error) }

// Warnings returns the problems that are not.
func (p Problems) Warnings() Problems { return p.only(Warning) }

func (p Problems) only(s Severity) Problems {
	var some Problems
	for _, one := range p {
		if one.Severity == s {
			some = append(some, one)
		}
	}
	return some
}

// Sort puts the problems in the order of their places.
func (p Problems) Sort() {
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

var _ error = Problems(nil)
