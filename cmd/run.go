package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/nbd-wtf/go-nostr"
	"github.com/spf13/cobra"

	"rhea/engine"
	"rhea/engine/relay/local"
)

func (a *app) run() *cobra.Command {
	var o botOptions
	var inSandbox bool
	c := &cobra.Command{
		Use:   "run",
		Short: "Run the bot",
		Long: "Run the bot until it is interrupted. What it owes to relays then is sent within --drain; what is left\n" +
			"is sent at the next start. A second interrupt stops at once; SIGHUP is told in the log and ignored.",
		Example: "  rhea run\n  rhea run --sandbox\n  rhea run --dry-run --log-level debug",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			log, err := a.logger()
			if err != nil {
				return err
			}
			o.log = log
			defer a.repeats.end()
			defer ignoreHangup(c.Context(), log)()
			file, err := a.load()
			if err != nil {
				return err
			}
			ids, err := a.identities(file)
			if err != nil {
				return err
			}
			if o.dryRun {
				o.observer = printDrafts{a.Out}
			}
			if inSandbox {
				box := local.New(local.Options{Name: "sandbox"})
				if o.sandbox, err = box.Listen(); err != nil {
					return failed(err)
				}
				defer func() { err = errors.Join(err, box.Close()) }()
				log.Info("sandbox", "relay", o.sandbox)
				o.observer = newCards(a.Out, a.paint(), nameOf(ids))
			}
			err = a.runBot(c.Context(), file, ids, o)
			if errors.Is(err, context.Canceled) {
				err = nil
			}
			if err == nil {
				log.Info("stopped")
			}
			return failed(err)
		},
	}
	flags := c.Flags()
	flags.BoolVar(&o.dryRun, "dry-run", false, "do everything but publish; store nothing, print what would be published as JSON")
	flags.BoolVar(&inSandbox, "sandbox", false, "replace all relays by one in this process, allow local addresses, forget everything at the end")
	flags.BoolVar(&o.once, "once", false, "one pass over feeds and due schedules, then end")
	flags.StringVar(&o.state, "state", "", "the state file (default: as configured, else rhea.db beside the configuration)")
	flags.DurationVar(&o.drain, "drain", 10*time.Second, "how long to go on publishing after an interrupt")
	return c
}

// ignoreHangup keeps SIGHUP from ending the bot without its drain: supervisors send it and mean "read your
// configuration again", which this program cannot do yet.
func ignoreHangup(ctx context.Context, log *slog.Logger) (stop func()) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		for {
			select {
			case <-hangups:
				log.Warn("SIGHUP is ignored: the configuration is read at the start only; restart the bot to have it read again")
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() {
		cancel()
		signal.Stop(hangups)
	}
}

// printDrafts writes what a dry run would have published, one JSON object a line.
type printDrafts struct{ out io.Writer }

var _ engine.Observer = printDrafts{}

// Decided implements [engine.Observer].
func (p printDrafts) Decided(d engine.Decision, events []nostr.Event) {
	for _, e := range events {
		line := struct {
			Rule    string      `json:"rule"`
			Trigger string      `json:"trigger"`
			Key     string      `json:"key"`
			Event   nostr.Event `json:"event"`
		}{d.Rule, d.Trigger, d.Key, e}
		raw, err := json.Marshal(line)
		if err != nil {
			continue // An event always marshals.
		}
		_, _ = p.out.Write(append(raw, '\n'))
	}
}

// Settled implements [engine.Observer].
func (printDrafts) Settled(engine.Delivery, engine.Settlement) {}
