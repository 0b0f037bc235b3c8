// Package cmd is the command line: one file a verb. It is the only room that knows all others, and puts them
// together: configuration, keys, ledger, relays, engine.
//
// It is a package of its own, apart from the main package in cmd/rhea, so that a program with its own kinds of
// triggers and actions is four lines long: see [Main].
package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // Rules name time zones, and not every machine has them.

	"github.com/spf13/cobra"
	_ "golang.org/x/crypto/x509roots/fallback" // Images from scratch have no certificates; where there are some, those count.

	"rhea/engine"
	"rhea/engine/config"
)

// Exit codes.
const (
	exitFine = iota
	exitFailed
	// exitUsage is for wrong usage and for an invalid configuration.
	exitUsage
)

// Streams is the world as a command sees it.
type Streams struct {
	In        io.Reader
	Out, Err  io.Writer
	LookupEnv func(string) (string, bool)
}

// Main is a whole main function. The first interrupt lets the bot finish what it owes, the second one ends it at
// once; what is owed then is in the state file and sent at the next start.
func Main(kinds engine.Kinds) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		cancel()
		<-signals
		os.Exit(exitFailed)
	}()
	streams := Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, LookupEnv: os.LookupEnv}
	os.Exit(Run(ctx, os.Args[1:], streams, kinds))
}

// Run runs one command and returns its exit code.
func Run(ctx context.Context, args []string, s Streams, kinds engine.Kinds) int {
	a := newApp(s, kinds)
	root := a.root()
	root.SetArgs(args)
	root.SetIn(s.In)
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	verb, err := root.ExecuteContextC(ctx)
	var quiet *exitError
	switch {
	case err == nil:
		return exitFine
	case errors.As(err, &quiet):
		if quiet.err != nil {
			fmt.Fprintf(a.Err, "rhea: %s\n", quiet.err)
			if _, missing := errors.AsType[config.Missing](quiet.err); missing {
				fmt.Fprintln(a.Err, "Write a first one with `rhea init`, or name another with -c.")
			}
		}
		return quiet.code
	default:
		// What cobra itself refuses: an unknown verb, flag or argument.
		fmt.Fprintf(a.Err, "rhea: %s\n", err)
		if verb != root {
			fmt.Fprintf(a.Err, "Usage: %s\n", verb.UseLine())
		}
		fmt.Fprintf(a.Err, "Try `rhea help%s`.\n", strings.TrimPrefix(verb.CommandPath(), root.Name()))
		return exitUsage
	}
}

// exitError ends the program with a code; a nil err means that everything was said already.
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
	// Streams has the guarded ways out, see [border]; inner is the world itself.
	Streams
	inner Streams
	// secrets knows the keys that were opened, ink begins our own colours.
	secrets   *engine.Redactor
	ink       string
	kinds     engine.Kinds
	paths     []string
	logFormat string
	logLevel  string
	noColor   bool
}

func newApp(s Streams, kinds engine.Kinds) *app {
	a := &app{Streams: s, inner: s, kinds: kinds, secrets: new(engine.Redactor), ink: newInk()}
	a.Out, a.Err = border{s.Out, a.secrets, a.ink}, border{s.Err, a.secrets, a.ink}
	return a
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "rhea",
		Short: "Bots for Nostr from one YAML file",
		Long: "Rhea runs bots for Nostr. One YAML file holds rules; a rule connects a trigger (events on relays,\n" +
			"a schedule, a feed) through a condition to actions that build, sign and publish events.",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	flags := root.PersistentFlags()
	flags.StringSliceVarP(&a.paths, "config", "c", []string{"bot.yaml"}, "configuration: a file or a directory; may be given more than once")
	flags.StringVar(&a.logFormat, "log-format", "text", "how to log: text or json")
	flags.StringVar(&a.logLevel, "log-level", "info", "what to log: debug, info, warn or error")
	flags.BoolVar(&a.noColor, "no-color", false, "no colours (also by NO_COLOR)")
	root.AddCommand(a.demo(), a.run(), a.check(), a.list(), a.schema(), a.next(), a.test(), a.explain(), a.eval(), a.init(), a.key(), a.version(),
		a.status(), a.history(), a.outbox(), a.hold(), a.resume(), a.undo(), a.rerun(), a.healthcheck())
	root.SetUsageTemplate(helpTemplate(root))
	fitHelp(root)
	return root
}
