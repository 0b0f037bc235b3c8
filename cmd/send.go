package cmd

import (
	"context"
	"errors"
	"time"

	"github.com/nbd-wtf/go-nostr"
	"github.com/spf13/cobra"

	"rhea/cmd/control"
	"rhea/cmd/screen"
	"rhea/engine"
	"rhea/engine/relay"
)

func (a *app) send() *cobra.Command {
	var o sendOptions
	c := &cobra.Command{
		Use:   "send [TEXT]",
		Short: "Publish one event, and say what each relay answers",
		Long: "Publish one event as an identity of the configuration, and print what each relay answers. It goes through the\n" +
			"outbox of the bot: a running bot sends it, and what a relay has not taken yet is sent by the next run. Without\n" +
			"a configuration, name a key and relays: --key-env or --key-file, and --relay. TEXT is - or left out to read\n" +
			"standard input. Exit code 1 means that fewer relays than --quorum have taken it.",
		Example: "  rhea send \"Back in an hour.\"\n  rhea send --reply-to nevent1… \"Thank you!\"\n" +
			"  rhea send --kind 30315 --tag d=general \"At work\"\n" +
			"  date | rhea send --key-env MY_NSEC --relay wss://relay.example",
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			m, err := a.written(args, &o, c.Flags().Changed("kind"))
			if err != nil {
				return err
			}
			return a.sendMessage(c.Context(), m, o)
		},
	}
	o.flags(c)
	flags := c.Flags()
	flags.StringVar(&o.identity, "identity", "", "the identity that sends (default: main, or the only one)")
	flags.StringVar(&o.replyTo, "reply-to", "", "the event to reply to: nevent1…, note1…, naddr1…, an id, or how one in the outbox begins")
	flags.IntVar(&o.kind, "kind", nostr.KindTextNote, "the kind of the event")
	flags.StringArrayVar(&o.tags, "tag", nil, "a tag, as name=value or as JSON: [\"name\", \"value\", …]; may be given more than once")
	flags.StringArrayVar(&o.relays, "relay", nil, "a relay to send to instead of the configured ones; may be given more than once")
	flags.StringVar(&o.keyEnv, "key-env", "", "send without a configuration, with the key in this environment variable")
	flags.StringVar(&o.keyFile, "key-file", "", "send without a configuration, with the key in this file")
	flags.StringVar(&o.passphraseEnv, "passphrase-env", "", "the environment variable with the passphrase of a locked key (ncryptsec)")
	flags.IntVar(&o.quorum, "quorum", 1, "how many relays must take it")
	flags.DurationVar(&o.timeout, "timeout", 30*time.Second, "how long to wait for the relays")
	flags.BoolVar(&o.replace, "replace", false, "allow a kind of which only the newest event counts, such as 0 and 3")
	flags.BoolVar(&o.dryRun, "dry-run", false, "print the signed event and send nothing")
	flags.StringVar(&o.key, "key", "", "")
	_ = flags.MarkHidden("key") // It is there.
	return c
}

// sendMessage publishes what was written and prints what became of it.
func (a *app) sendMessage(ctx context.Context, m message, o sendOptions) (err error) {
	from, err := a.sender(ctx, o)
	if err != nil {
		return err
	}
	if err := a.holdsKey(m); err != nil { // By now the keys are known.
		return err
	}
	if o.quorum > len(from.relays) {
		return usage("--quorum %d: there is only %s to send it to", o.quorum, screen.Count(len(from.relays), "relay"))
	}
	network := relay.New(from.network())
	defer func() { err = joinFailed(err, network.Close()) }()
	event, err := a.unsigned(ctx, m, from, network)
	if err != nil {
		return err
	}
	if o.dryRun {
		return a.printSigned(ctx, event, from)
	}
	sent, err := a.post(ctx, from, network, control.SendOrder{Event: event, Relays: from.relays, Quorum: o.quorum})
	if err != nil {
		return failed(err)
	}
	defer func() { err = joinFailed(err, sent.end()) }()
	if !o.json() && from.kept != "" {
		printLine(a.Err, "Kept in %s: if this is stopped, %s.", from.kept, from.heir())
	}
	return a.report(ctx, sent, from, o)
}

// unsigned makes the event, complete but for its signature.
func (a *app) unsigned(ctx context.Context, m message, from *sender, network *relay.Network) (nostr.Event, error) {
	now := time.Now()
	run := engine.Run{
		Rule: control.SendRule, Step: "1", Pubkey: from.pubkey, Own: []string{from.pubkey}, Relays: from.relays,
		Source: network, Now: now, Secrets: a.secrets,
	}
	if err := from.recall(ctx, &m, &run); err != nil {
		return nostr.Event{}, err
	}
	draft, err := m.draft(ctx, run)
	if err != nil {
		return nostr.Event{}, err
	}
	e, err := a.finish(ctx, draft, unsigned(from.pubkey), now)
	return e, failed(err)
}

func (a *app) printSigned(ctx context.Context, e nostr.Event, from *sender) error {
	if from.signer == nil {
		return failed(errors.New("the running bot has the key, and signs only what is sent; without it, stop the bot for a dry run"))
	}
	if err := from.signer.Sign(ctx, &e); err != nil {
		return failed(err)
	}
	return printJSON(a.Out, e)
}

// unsigned stands for an identity whose signature comes later.
type unsigned string

var _ engine.Signer = unsigned("")

// PublicKey implements [engine.Signer].
func (u unsigned) PublicKey() string { return string(u) }

// Sign fills all but the signature.
func (u unsigned) Sign(_ context.Context, e *nostr.Event) error {
	e.PubKey = string(u)
	e.ID = e.GetID()
	return nil
}
