package cmd

import (
	"context"
	_ "embed"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/nbd-wtf/go-nostr"
	"github.com/spf13/cobra"

	"rhea/cmd/screen"
	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/key"
	"rhea/engine/ledger/memory"
	"rhea/engine/rehearsal"
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
			"the bot. No account, key or network is needed, and nothing is left behind. With -c, your own bot is shown:\n" +
			"made-up keys stand for its keys, and the stranger says hello to it.",
		Example: "  rhea demo\n  rhea demo -c bot.yaml",
		Args:    cobra.NoArgs,
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
			return failed(a.runDemo(ctx, c.Flags().Changed("config")))
		},
	}
	c.Flags().DurationVar(&length, "for", 0, "end after this time (default: run until interrupted)")
	return c
}

// runDemo shows the demo's bot, or the configured one.
func (a *app) runDemo(ctx context.Context, own bool) (err error) {
	log, err := a.logger()
	if err != nil {
		return err
	}
	defer a.repeats.end()
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
	demo := *a
	file, ids, err := demo.star(own, url, feed.url)
	if err != nil {
		return err
	}
	show := newCards(a.Out, a.paint(), nameOf(ids))
	if own {
		printLine(a.Out, "The relay is %s. Made-up keys stand for those of the configuration.", url)
	} else {
		printLine(a.Out, "This is the whole bot:\n\n%s\nThe relay is %s, the feed %s.", demoYAML, url, feed.url)
	}
	visiting := make(chan error, 1)
	question := "What time is it?"
	if !own {
		question += " (no rule answers this)"
	}
	bot := spokenTo(file, ids)
	go func() { visiting <- playDemo(ctx, feed, url, bot, question, show) }()
	// The demo's relay has this process's life, so memory is all the state it needs.
	err = demo.runBot(ctx, file, ids, botOptions{sandbox: url, observer: show, log: log, drain: time.Second})
	if err == nil {
		err = <-visiting
	}
	return err
}

// star reads the bot that is shown: the demo's, or the configured one with keys that stand for its own.
func (a *app) star(own bool, relay, feed string) (*config.File, map[string]engine.Identity, error) {
	if own {
		file, err := a.load()
		if err != nil {
			return nil, nil, err
		}
		ids, err := rehearsal.FakeIdentities(file.Identities)
		return file, ids, err
	}
	nsec, _ := key.Generate()
	env := map[string]string{"DEMO_KEY": nsec.Reveal(), "DEMO_RELAY": relay, "DEMO_FEED": feed}
	outside := a.LookupEnv
	a.paths, a.LookupEnv = nil, func(name string) (string, bool) {
		if v, ok := env[name]; ok {
			return v, true
		}
		return outside(name)
	}
	file, err := config.Parse("demo.yaml", demoYAML, config.Options{Kinds: a.kinds, LookupEnv: a.LookupEnv})
	if err != nil {
		return nil, nil, err
	}
	ids, err := a.identities(file)
	return file, ids, err
}

// spokenTo is the public key of the identity that the stranger speaks to: main, or else that of the first rule that
// answers people; "" for none.
func spokenTo(file *config.File, ids map[string]engine.Identity) (pubkey string) {
	for i := range file.Rules {
		r := &file.Rules[i]
		if takesInput(r) && !r.Disabled && (pubkey == "" || r.Identity == "main") {
			pubkey = ids[r.Identity].Signer.PublicKey()
		}
	}
	return pubkey
}

// playDemo plays the world around the bot: the blog gets a post, and a stranger writes to the bot unless that is "".
func playDemo(ctx context.Context, feed *sampleFeed, url, bot, question string, show *cards) (err error) {
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
		{Kind: nostr.KindTextNote, Content: question, Tags: nostr.Tags{{"p", bot}}},
	}
	const pace = 3 * time.Second
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pace):
		}
		feed.add()
		if n < len(script) && bot != "" {
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
		return screen.Short(pubkey)
	}
}

// sampleFeed is a blog on this machine that gains a post now and then.
type sampleFeed struct {
	url string

	mu    sync.Mutex
	posts []samplePost
}

type samplePost struct {
	Title   string `xml:"title"`
	Link    string `xml:"link"`
	GUID    string `xml:"guid"`
	Summary string `xml:"description"`
	Date    string `xml:"pubDate"`
}

var sampleTitles = []string{
	"Why small programs age well", "A field guide to feeds", "[draft] Not finished yet", "What a relay is, and is not",
	"The case for boring schedules", "Ostriches run, rheas flow",
}

// serveSampleFeed serves the feed on loopback until ctx ends.
func serveSampleFeed(ctx context.Context) (*sampleFeed, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("serving the sample feed: %w", err)
	}
	f := &sampleFeed{url: "http://" + ln.Addr().String() + "/feed.xml"}
	f.add()
	server := &http.Server{Handler: f, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(ln) }() // Ends when the context closes it.
	context.AfterFunc(ctx, func() { _ = server.Close() })
	return f, nil
}

// add publishes the next post on the blog.
func (f *sampleFeed) add() {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := len(f.posts)
	f.posts = append(f.posts, samplePost{
		Title: sampleTitles[n%len(sampleTitles)], Link: fmt.Sprintf("https://blog.example/%d", n+1),
		GUID: fmt.Sprintf("post-%d", n+1), Summary: "<p>A sample post.</p>", Date: time.Now().Format(time.RFC1123Z),
	})
}

// ServeHTTP answers with the feed as RSS, newest post first.
func (f *sampleFeed) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	type channel struct {
		Title string       `xml:"title"`
		Link  string       `xml:"link"`
		Items []samplePost `xml:"item"`
	}
	doc := struct {
		XMLName xml.Name `xml:"rss"`
		Version string   `xml:"version,attr"`
		Channel channel  `xml:"channel"`
	}{Version: "2.0", Channel: channel{Title: "A sample blog", Link: "https://blog.example/"}}
	for _, post := range slices.Backward(f.posts) {
		doc.Channel.Items = append(doc.Channel.Items, post)
	}
	w.Header().Set("Content-Type", "application/rss+xml; charset=utf-8")
	_ = xml.NewEncoder(w).Encode(doc) // The reader may have gone; it will come again.
}
