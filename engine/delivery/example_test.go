package delivery_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/delivery"
	"rhea/engine/enginetest"
	"rhea/engine/ledger/memory"
)

type printer struct{ done chan struct{} }

// Publish implements [engine.Publisher].
func (p printer) Publish(_ context.Context, relay string, e nostr.Event) error {
	defer close(p.done)
	fmt.Println(e.Content, "to", relay)
	return nil
}

// What was committed is owed, and a sender brings it to the relays.
func ExampleNew() {
	ctx, cancel := context.WithCancel(context.Background())
	note := nostr.Event{Kind: nostr.KindTextNote, Content: "hello", CreatedAt: nostr.Now()}
	if err := note.Sign(enginetest.BotKey); err != nil {
		log.Fatal(err)
	}
	ledger, relays := memory.New(), printer{make(chan struct{})}
	sender := delivery.New(delivery.Options{Ledger: ledger, Publisher: relays, Log: slog.New(slog.DiscardHandler)})
	ended := make(chan error)
	go func() { ended <- sender.Run(ctx) }()

	_, err := ledger.Commit(ctx, engine.Entry{
		Rule: "greet", Key: "one signal",
		Deliveries: []engine.Delivery{{Rule: "greet", Event: note, Relay: "wss://relay.example", Retry: engine.Retry{Initial: time.Second}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	<-relays.done
	cancel()
	fmt.Println(<-ended)
	// Output:
	// hello to wss://relay.example
	// <nil>
}
