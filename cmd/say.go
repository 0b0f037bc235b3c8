package cmd

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"
	"github.com/spf13/cobra"

	"rhea/engine/ledger/memory"
	"rhea/engine/relay"
)

// sayOptions are the flags of say.
type sayOptions struct {
	output
	as, to, replyTo string
	wait            time.Duration
}

func (a *app) say() *cobra.Command {
	var o sayOptions
	c := &cobra.Command{
		Use:   "say TEXT",
		Short: "Speak to a sandbox as a visitor, and see what comes back",
		Long: "Say something to a bot that runs with `rhea run --sandbox` or `rhea demo`, as a visitor would with an app, and\n" +
			"print what comes back, or why nothing does. The note mentions the bot; #words become hashtags, and @NAME\n" +
			"writes the name of an identity into the text. Nothing is ever said on a real relay. Exit code 1 means that\n" +
			"the bot stayed silent.",
		Example: "  rhea say \"hello bot\"\n  rhea say --as ann \"and you?\" --reply-to 77e67ffe",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) (err error) {
			if err := o.check(); err != nil {
				return err
			}
			if strings.TrimSpace(strings.Join(args, "")) == "" {
				return usage("say what? Write a text")
			}
			v, err := a.findSandbox(c.Context(), c.Flags().Changed("config"))
			if err != nil {
				return err
			}
			defer func() { err = joinFailed(err, v.Close()) }()
			network := relay.New(relay.Options{Positions: memory.New()})
			defer func() { err = joinFailed(err, network.Close()) }()
			w, err := newVisitor(o.as, v, network)
			if err != nil {
				return err
			}
			said, err := a.sayTo(c.Context(), w, strings.Join(args, " "), o)
			if err != nil {
				return err
			}
			return a.hear(c.Context(), w, said, o)
		},
	}
	o.formatFlag(c)
	flags := c.Flags()
	flags.StringVar(&o.as, "as", "visitor", "the name of the visitor; one name is always the same person")
	flags.StringVar(&o.to, "to", "", "the identity to mention, or none (default: main, or the one that answers)")
	flags.StringVar(&o.replyTo, "reply-to", "", "the note to reply to: how its id begins, an id, note1… or nevent1…")
	flags.DurationVar(&o.wait, "wait", 5*time.Second, "how long to wait for an answer")
	return c
}

// sayTo publishes what the visitor says, and prints it.
func (a *app) sayTo(ctx context.Context, w *visitor, text string, o sayOptions) (nostr.Event, error) {
	m, err := w.message(ctx, text, o.to, o.replyTo)
	if err != nil {
		return nostr.Event{}, err
	}
	if err := w.enter(ctx); err != nil {
		return nostr.Event{}, failed(err)
	}
	draft, err := m.draft(ctx, w.run(time.Now()))
	if err != nil {
		return nostr.Event{}, err
	}
	for {
		e, err := a.finish(ctx, draft, w.signer, time.Now())
		if err != nil {
			return e, failed(err)
		}
		// The same words twice in one second are one event, which the bot knows already.
		if known, err := w.fetch(ctx, nostr.Filter{IDs: []string{e.ID}}); err != nil || len(known) > 0 {
			draft.CreatedAt = e.CreatedAt + 1
			if err == nil {
				continue
			}
			return e, failed(err)
		}
		return e, failed(w.network.Publish(ctx, w.Relay, e))
	}
}

// hear waits for what comes back. The error of silence was printed already.
func (a *app) hear(ctx context.Context, w *visitor, said nostr.Event, o sayOptions) error {
	scene := newScene(a, w, said)
	if !o.json() {
		scene.open()
	}
	heard, err := w.listen(ctx, said, o.wait, func(n answerEvent) {
		if !o.json() {
			scene.answer(n)
		}
	})
	switch {
	case errors.Is(err, context.Canceled):
		return nil
	case err != nil:
		return failed(err)
	case o.json():
		err = printJSON(a.Out, heard.report(said))
	default:
		scene.end(heard, o.wait)
	}
	if err == nil && len(heard.answers) == 0 {
		err = &exitError{code: exitFailed}
	}
	return err
}
