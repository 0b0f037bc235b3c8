package cmd

import "strings"

// paint colours text for a terminal, if it is on.
type paint struct {
	on bool
	// ink begins each colour, see [border].
	ink string
}

func (p paint) with(code, text string) string {
	if !p.on {
		return text
	}
	return p.ink + code + "m" + text + p.ink + "0m"
}

func (p paint) bold(text string) string  { return p.with("1", text) }
func (p paint) dim(text string) string   { return p.with("2", text) }
func (p paint) red(text string) string   { return p.with("31", text) }
func (p paint) green(text string) string { return p.with("32", text) }

// line colours a line of a difference by its sign.
func (p paint) line(text string) string {
	switch {
	case strings.HasPrefix(text, "-"):
		return p.red(text)
	case strings.HasPrefix(text, "+"):
		return p.green(text)
	}
	return text
}
