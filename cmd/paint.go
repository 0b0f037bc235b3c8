package cmd

import (
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// paint colours text for a terminal, if it is on.
type paint struct {
	on bool
	// ink begins each colour, see [border].
	ink string
}

// paint is for the output.
func (a *app) paint() paint { return paint{a.colours(a.inner.Out), a.ink} }

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

// colours reports whether w is a terminal of somebody who wants colours, or whether they are wanted anyhow: many services
// show them in their logs (NO_COLOR, CLICOLOR_FORCE).
func (a *app) colours(w io.Writer) bool {
	if _, never := a.LookupEnv("NO_COLOR"); never || a.noColor {
		return false
	}
	if force, ok := a.LookupEnv("CLICOLOR_FORCE"); ok && force != "" && force != "0" {
		return true
	}
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
