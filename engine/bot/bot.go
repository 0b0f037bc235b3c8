package bot

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"rhea/engine"
	"rhea/engine/delivery"
	"rhea/engine/gate"
	"rhea/engine/identity"
	"rhea/engine/lookup"
	"rhea/engine/pipeline"
	"rhea/engine/sign"
)

// Options are the parts an engine is made of. Rules, Identities, Ledger and Publisher are required.
type Options struct {
	Rules []engine.Rule
	// Identities are whom rules and steps may act as. Their keys are taken out of all that is published, stored and told.
	Identities *identity.Book
	// Ledger is closed by the caller, after Run.
	Ledger engine.Ledger
	// Overlay makes the throw-away ledger of a rule that runs dry: it reads through and stores nothing.
	Overlay func() engine.Ledger
	// Journal keeps the history of decisions; nil keeps none.
	Journal   engine.Journal
	Source    engine.Source
	Publisher engine.Publisher
	// RelayLists says where rules with Outbox publish; nil leaves it at their relays.
	RelayLists engine.RelayLists
	// HTTP returns the client for strangers' addresses; private networks only if allowed.
	HTTP func(allowPrivate bool) *http.Client
	// Turn waits until a stranger's host may be asked by a trigger, see [Setup]; nil never waits.
	Turn func(ctx context.Context, host string) (leave func(), err error)
	// Dir is where the relative paths of the configuration begin.
	Dir string
	// Clock is what signals are judged by; the zero value is the clock on the wall.
	Clock engine.Clock
	// DryRun makes every rule run dry.
	DryRun bool
	// Once makes Run end after one pass over what is due.
	Once bool
	// DrainFor is how long Run goes on delivering after its context has ended; 0 means 10 s.
	DrainFor time.Duration
	// Observer is told what happens as it happens; nil for nobody.
	Observer engine.Observer
	// Log gets a line per outcome; nil for none.
	Log *slog.Logger
}

// Bot runs rules.
type Bot struct {
	opts    Options
	rules   []*rule
	sender  *delivery.Sender
	gates   *gate.Gates
	secrets *engine.Redactor
	// locks, versions, shared and profiles are shared by all rules.
	locks    pipeline.Locks
	versions sign.Versions
	shared   pipeline.Shared
	profiles *lookup.SharedProfiles
}

// journal is where decisions go; nil for nowhere.
func (b *Bot) journal() engine.Journal {
	if b.opts.DryRun {
		return nil
	}
	return b.opts.Journal
}
