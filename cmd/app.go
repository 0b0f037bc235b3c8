package cmd

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"rhea/cmd/screen"
	"rhea/engine"
)

// Exit codes.
const (
	exitFine = iota
	exitFailed
	// exitUsage is for wrong usage and for an invalid configuration.
	exitUsage
)

// usualConfig is the configuration unless -c names another.
const usualConfig = "bot.yaml"

// Streams is the world as a command sees it.
type Streams struct {
	In        io.Reader
	Out, Err  io.Writer
	LookupEnv func(string) (string, bool)
}

// exitError ends the program with a code; a nil err means that everything was printed already.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return fmt.Sprintf("exit %d: %v", e.code, e.err) }
func (e *exitError) Unwrap() error { return e.err }

// failed gives an error exit code 1, unless it has a code already.
func failed(err error) error {
	if _, coded := errors.AsType[*exitError](err); coded || err == nil {
		return err
	}
	return &exitError{exitFailed, err}
}

func usage(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

// app is one invocation.
type app struct {
	// Streams has the guarded ways out, see [screen.Border]; inner is the world itself.
	Streams
	inner Streams
	// lines is the way to the error stream for lines that are guarded already.
	lines io.Writer
	// secrets knows the keys that were opened, ink begins our own colours.
	secrets   *engine.Redactor
	ink       string
	kinds     engine.Kinds
	paths     []string
	logFormat string
	logLevel  string
	noColor   bool
	// repeats are the lines of the log that were told within the last minute.
	repeats *repeats
}

func newApp(s Streams, kinds engine.Kinds) *app {
	out, lines := &screen.Serial{Out: s.Out}, &screen.Serial{Out: s.Err}
	a := &app{Streams: s, inner: s, lines: lines, kinds: kinds, secrets: new(engine.Redactor), ink: screen.NewInk(), repeats: new(repeats)}
	a.Out, a.Err = screen.Border{Out: out, Secrets: a.secrets, Ink: a.ink}, screen.Border{Out: lines, Secrets: a.secrets, Ink: a.ink}
	return a
}

// joinFailed joins an error with the error of closing. An error that was printed already stays so.
func joinFailed(err, closing error) error {
	if err == nil {
		return failed(closing)
	}
	if _, ok := errors.AsType[*exitError](err); ok && closing == nil {
		return err
	}
	return failed(errors.Join(err, closing))
}

// paint is for the output.
func (a *app) paint() screen.Paint { return screen.Paint{On: a.colours(a.inner.Out), Ink: a.ink} }

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

// verb writes a command line of this program for the same configuration.
func (a *app) verb(words string) string {
	if len(a.paths) == 0 || len(a.paths) == 1 && a.paths[0] == usualConfig {
		return "rhea " + words
	}
	var b strings.Builder
	for _, path := range a.paths {
		fmt.Fprintf(&b, " -c %s", path)
	}
	return "rhea" + b.String() + " " + words
}
