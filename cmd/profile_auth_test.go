package cmd_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/bot"
	"rhea/engine/identity"
	"rhea/engine/key"
	"rhea/engine/ledger/memory"
	"rhea/engine/profile"
	"rhea/engine/relay"
	"rhea/engine/relay/local"
	"rhea/engine/relay/relaytest"
)

// TestProfileOnARelayThatWantsToKnow publishes what an identity says of itself where only those are answered who say who
// they are, with no other rule that would have said so.
func TestProfileOnARelayThatWantsToKnow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := relaytest.NewNetwork()
		r := wire.New(t, "one.test", local.Options{AuthToRead: true, AuthToWrite: true})
		signer, err := key.NewSigner(engine.NewSecret(botSecret))
		if err != nil {
			t.Fatal(err)
		}
		ledger := memory.New()
		network := relay.New(relay.Options{
			Positions: ledger, DialContext: wire.DialContext,
			Signer: func(pubkey string) engine.Signer {
				if pubkey != signer.PublicKey() {
					return nil
				}
				return signer
			},
		})
		defer network.Close()
		relays := []string{r.URL()}
		bot, err := bot.New(bot.Options{
			Rules: profile.Rules([]profile.Identity{{
				Name: "main", Fields: map[string]any{"bot": true}, Inbox: relays, Outbox: relays, DMRelays: relays, Relays: relays,
			}}),
			Identities: identity.New(identity.Options{Configured: map[string]engine.Identity{"main": {Name: "main", Signer: signer}}}),
			Ledger:     ledger, Source: network, Publisher: network,
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- bot.Run(ctx) }()
		<-time.After(10 * time.Second)
		if got := r.Local.Query(nostr.Filter{Kinds: []int{0, 10002, 10050}}); len(got) != 3 {
			t.Errorf("%d of 3 events were published within ten seconds", len(got))
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
