package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // Rules name time zones, and not every machine has them.

	"rhea/cmd/screen"

	"github.com/spf13/cobra"
	_ "golang.org/x/crypto/x509roots/fallback" // Images from scratch have no certificates; where there are some, those count.

	"rhea/engine"
	"rhea/engine/config"
)

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
			a.complain(quiet.err)
			if _, missing := errors.AsType[config.Missing](quiet.err); missing {
				fmt.Fprintln(a.Err, "Write a first one with `rhea init`, or name another with -c.")
			}
		}
		return quiet.code
	default:
		// What cobra itself refuses: an unknown verb, flag or argument.
		said, _, _ := strings.Cut(err.Error(), "\n") // Its suggestions are ours below.
		a.complain(errors.New(said))
		if verb != root {
			fmt.Fprintf(a.Err, "Usage: %s\n", verb.UseLine())
		}
		if hint := verbHint(root, err); hint != "" {
			fmt.Fprintln(a.Err, strings.Join(screen.Wrap(hint, screen.Width), "\n"))
			return exitUsage
		}
		fmt.Fprintf(a.Err, "Try `rhea help%s`.\n", strings.TrimPrefix(verb.CommandPath(), root.Name()))
		return exitUsage
	}
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
	flags.StringSliceVarP(&a.paths, "config", "c", []string{usualConfig}, "configuration: a file or a directory; may be given more than once")
	flags.StringVar(&a.logFormat, "log-format", "text", "how to log: text or json")
	flags.StringVar(&a.logLevel, "log-level", "info", "what to log: debug, info, warn or error")
	flags.BoolVar(&a.noColor, "no-color", false, "no colours (also by NO_COLOR)")
	root.AddCommand(a.demo(), a.run(), a.check(), a.list(), a.schema(), a.next(), a.test(), a.explain(), a.eval(), a.init(), a.key(), a.version(),
		a.status(), a.history(), a.posts(), a.outbox(), a.hold(), a.resume(), a.undo(), a.rerun(), a.healthcheck(), a.man(), a.say(), a.send())
	root.SetUsageTemplate(helpTemplate(root))
	fitHelp(root)
	a.completions().apply(root)
	return root
}

// fitHelp makes the help of a verb and of those below it fit on a terminal.
func fitHelp(c *cobra.Command) {
	c.Long = fill(c.Long, screen.Width)
	for _, below := range c.Commands() {
		fitHelp(below)
	}
}

// helpTemplate is cobra's, with flags on as many lines as they need.
func helpTemplate(c *cobra.Command) string {
	return strings.ReplaceAll(c.UsageTemplate(), ".FlagUsages ", ".FlagUsagesWrapped 80 ")
}

// fill breaks paragraphs anew, and leaves alone what is indented.
func fill(text string, width int) string {
	paragraphs := strings.Split(text, "\n\n")
	for i, p := range paragraphs {
		if !strings.HasPrefix(p, " ") {
			paragraphs[i] = strings.Join(screen.Wrap(strings.ReplaceAll(p, "\n", " "), width), "\n")
		}
	}
	return strings.Join(paragraphs, "\n\n")
}
