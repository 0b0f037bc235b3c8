package delivery

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"rhea/engine"
)

// maxRelays is how many relays are remembered before those without a complaint are forgotten.
const maxRelays = 1024

// Options are what a [Sender] needs. Source and Observer may be nil.
type Options struct {
	Ledger    engine.Owed
	Publisher engine.Publisher
	// Source asks relays whether they have what an earlier run may have sent.
	Source  engine.Source
	Signers Signers
	// Work is what rules may spend on proof of work that a relay wants, by name.
	Work     map[string]engine.PoWBudget
	Observer engine.Observer
	Secrets  *engine.Redactor
	Log      *slog.Logger
}

// Signers knows who can sign as a public key; nil for nobody.
type Signers interface {
	Signer(ctx context.Context, pubkey string) engine.Signer
}

// Sender carries what the ledger says is owed to the relays.
type Sender struct {
	opts    Options
	tracker *tracker
	// wake names relays that need not rest any longer, to the ledger.
	wake chan string

	mu     sync.Mutex
	relays map[string]*relayState
}

// New returns a sender that knows of no relay.
func New(o Options) *Sender {
	return &Sender{opts: o, tracker: newTracker(o.Ledger), wake: make(chan string), relays: make(map[string]*relayState)}
}

// Owe notes deliveries that are about to be committed.
func (o *Sender) Owe(deliveries []engine.Delivery) { o.tracker.owe(deliveries) }

// Forget takes back what Owe noted, when it was never committed.
func (o *Sender) Forget(deliveries ...engine.Delivery) { o.tracker.disown(deliveries) }

// Told notes that the decision which made them was told: what became of them is told after it.
func (o *Sender) Told(deliveries []engine.Delivery) { o.tracker.told(deliveries) }

// Drop notes that a delivery was given up by hand in the ledger, so that [Sender.Wait] does not wait for it.
func (o *Sender) Drop(event, relay string) { o.tracker.drop(event, relay) }

// Inherit notes what an earlier run left and is due now, so that [Sender.Wait] waits for it.
func (o *Sender) Inherit(ctx context.Context) error { return o.tracker.inherit(ctx) }

// Wait waits until everything this process committed was tried once, or ctx ends.
func (o *Sender) Wait(ctx context.Context) {
	if n := o.tracker.settled(ctx); n > 0 {
		o.opts.Log.Warn("stopped before every relay was asked; the rest is sent at the next start", "deliveries", n)
	}
}

// relay returns what is known of a relay.
func (o *Sender) relay(url string) *relayState {
	o.mu.Lock()
	defer o.mu.Unlock()
	l := o.relays[url]
	if l != nil {
		return l
	}
	if len(o.relays) >= maxRelays {
		now := time.Now()
		for name, old := range o.relays {
			if old.idle(now) {
				delete(o.relays, name)
			}
		}
	}
	l = &relayState{log: o.opts.Log.With("relay", url), suspensions: make(map[string]*suspension)}
	o.relays[url] = l
	return l
}

// Retry tries deliveries to a relay now: what was held back from it is forgotten, and it rests no longer. It returns when
// the ledger knows, or ctx ends.
func (o *Sender) Retry(ctx context.Context, relay string) {
	o.relay(relay).forgive()
	select {
	case o.wake <- relay:
	case <-ctx.Done():
	case <-time.After(time.Second): // Nobody drains yet, or any more.
	}
}
