package cmd

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nbd-wtf/go-nostr"
	"github.com/spf13/cobra"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/key"
	"rhea/engine/ledger/memory"
	"rhea/engine/relay"
	"rhea/engine/relay/local"
)

//go:embed demo.yaml
var demoYAML []byte

func (a *app) demo() *cobra.Command {
	var length time.Duration
	c := &cobra.Command{
		Use:   "demo",
		Short: "Show everything on this machine alone",
		Long: "Run a bot against a relay inside this process: a sample feed, a schedule, and a stranger who mentions\n" +
			"the bot. No account, key or network is needed, and nothing is left behind.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx := c.Context()
			if !c.Flags().Changed("log-level") {
				a.logLevel = "warn" // The cards say it all.
			}
			if length > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, length)
				defer cancel()
			}
			return failed(a.runDemo(ctx))
		},
	}
	c.Flags().DurationVar(&length, "for", 0, "end after this time (default: run until interrupted)")
	return c
}

func (a *app) runDemo(ctx context.Context) (err error) {
	log, err := a.logger()
	if err != nil {
		return err
	}
	box := local.New(local.Options{Name: "demo relay"})
	url, err := box.Listen()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, box.Close()) }()
	feed, err := serveSampleFeed(ctx)
	if err != nil {
		return err
	}
	nsec, _ := key.Generate()
	env := map[string]string{"DEMO_KEY": nsec.Reveal(), "DEMO_RELAY": url, "DEMO_FEED": feed.url}
	demo := *a
	demo.LookupEnv = func(name string) (string, bool) {
		if v, ok := env[name]; ok {
			return v, true
		}
		return a.LookupEnv(name)
	}
	file, err := config.Parse("demo.yaml", demoYAML, config.Options{Kinds: a.kinds, LookupEnv: demo.LookupEnv})
	if err != nil {
		return err
	}
	ids, err := demo.identities(file)
	if err != nil {
		return err
	}
	show := newCards(a.Out, a.paint(), nameOf(ids))
	say(a.Out, "This is the whole bot:\n\n%s\nThe relay is %s, the feed %s.\n", demoYAML, url, feed.url)

	visiting := make(chan error, 1)
	go func() { visiting <- visit(ctx, feed, url, ids["main"].Signer.PublicKey(), show) }()
	// The demo's relay has this process's life, so memory is all the state it needs.
	err = demo.runBot(ctx, file, ids, botOptions{sandbox: url, observer: show, log: log, drain: time.Second})
	if err == nil {
		err = <-visiting
	}
	return err
}

// visit is what goes on around the bot: the blog gains a post, and a stranger comes by.
func visit(ctx context.Context, feed *sampleFeed, url, bot string, show *cards) (err error) {
	nsec, _ := key.Generate()
	stranger, err := key.NewSigner(nsec)
	if err != nil {
		return err
	}
	network := relay.New(relay.Options{Positions: memory.New()})
	defer func() { err = errors.Join(err, network.Close()) }()
	publish := func(e nostr.Event) error {
		e.CreatedAt = nostr.Now()
		if err := stranger.Sign(ctx, &e); err != nil {
			return err
		}
		if e.Kind == nostr.KindTextNote {
			show.Stranger(e)
		}
		return network.Publish(ctx, url, e)
	}
	profile, err := json.Marshal(map[string]string{"name": "stranger"})
	if err != nil {
		return err
	}
	script := []nostr.Event{
		{Kind: nostr.KindProfileMetadata, Content: string(profile)},
		{Kind: nostr.KindTextNote, Content: "Hello bot, are you there?", Tags: nostr.Tags{{"p", bot}}},
		{Kind: nostr.KindTextNote, Content: "What time is it? (no rule answers this)", Tags: nostr.Tags{{"p", bot}}},
	}
	const pace = 3 * time.Second
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pace):
		}
		feed.add()
		if n < len(script) {
			if err := publish(script[n]); err != nil && ctx.Err() == nil {
				return fmt.Errorf("the stranger: %w", err)
			}
		}
	}
}

// nameOf calls the configuration's identities by their names.
func nameOf(ids map[string]engine.Identity) func(string) string {
	names := make(map[string]string, len(ids))
	for _, id := range ids {
		names[id.Signer.PublicKey()] = id.Name + " (" + id.Npub[:12] + "…)"
	}
	return func(pubkey string) string {
		if n, ok := names[pubkey]; ok {
			return n
		}
		return short(pubkey)
	}
}
