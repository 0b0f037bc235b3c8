package screen

import "strings"

// Paint colours text for a terminal, if it is on.
type Paint struct {
	On bool
	// Ink begins each colour, see [Border].
	Ink string
}

func (p Paint) with(code, text string) string {
	if !p.On {
		return text
	}
	return p.Ink + code + "m" + text + p.Ink + "0m"
}

// Bold is for what a reader looks for.
func (p Paint) Bold(text string) string { return p.with("1", text) }

// Dim is for what matters less.
func (p Paint) Dim(text string) string { return p.with("2", text) }

// Red is for what is wrong.
func (p Paint) Red(text string) string { return p.with("31", text) }

// Green is for what is as it should be.
func (p Paint) Green(text string) string { return p.with("32", text) }

// Line colours a line of a difference by its sign.
func (p Paint) Line(text string) string {
	switch {
	case strings.HasPrefix(text, "-"):
		return p.Red(text)
	case strings.HasPrefix(text, "+"):
		return p.Green(text)
	}
	return text
}
