package rehearsal

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/bot"
	"rhea/engine/identity"
	"rhea/engine/ledger/memory"
)

// Options are what a sandbox is set up with.
type Options struct {
	Rules      []engine.Rule
	Identities map[string]engine.Identity
	// Start is what the clock shows.
	Start time.Time
	// State is read, and never written; nil for none.
	State memory.Base
	// Dry forbids actions every effect outside this process.
	Dry bool
	// Source is asked for events that the sandbox does not have; nil asks no relay.
	Source engine.Source
	// RelayLists finds in the events of source where rules with Outbox publish; nil leaves it at their relays.
	RelayLists func(source engine.Source) engine.RelayLists
	// HTTP returns the client that asks servers, see [bot.Options]; nil refuses every request.
	HTTP func(allowPrivate bool) *http.Client
	// Dir is where the relative paths of the configuration begin.
	Dir string
}

// Sandbox runs rules without network and without lasting state. What one sample left behind, the next one finds. It is
// not for concurrent use.
type Sandbox struct {
	options Options
	clock   *clock
	source  *source
	ledger  engine.Ledger
}

// New sets up a sandbox.
func New(o Options) *Sandbox {
	s := &Sandbox{options: o, clock: &clock{now: o.Start}, source: &source{next: o.Source}}
	s.ledger = memory.NewAt(s.clock.read)
	if o.State != nil {
		s.ledger = memory.Over(o.State)
	}
	return s
}

// Now returns what the clock shows.
func (s *Sandbox) Now() time.Time { return s.clock.read() }

// Reach moves the clock on to t, never back.
func (s *Sandbox) Reach(t time.Time) { s.clock.reach(t) }

// Add lets the relays have events.
func (s *Sandbox) Add(events ...nostr.Event) { s.source.add(events...) }

// Show shows a sample to a rule and returns what came of each signal that its trigger made of it. When it made none,
// the one outcome is [engine.NoMatch].
func (s *Sandbox) Show(ctx context.Context, rule string, sample engine.Sample) ([]Outcome, error) {
	w := &recorder{Ledger: s.ledger}
	bot, err := s.engine(w)
	if err != nil {
		return nil, err
	}
	sample.Now = s.Now()
	signals, err := bot.Sample(ctx, rule, sample)
	if m, ok := errors.AsType[*engine.Mismatch](err); ok {
		o := Outcome{Decision: engine.Decision{At: s.Now(), Rule: rule, Outcome: engine.NoMatch, Reason: m.Reason}}
		if sample.Received != nil {
			o.Key, o.Event = sample.Received.Event.ID, sample.Received.Event
		}
		return []Outcome{o}, nil
	}
	if err != nil {
		return nil, err
	}
	outcomes := make([]Outcome, 0, len(signals))
	for _, signal := range signals {
		o, err := s.carry(ctx, bot, w, rule, signal)
		if err != nil {
			return nil, err
		}
		outcomes = append(outcomes, o)
	}
	return outcomes, nil
}

// carry takes one signal through the gates and actions.
func (s *Sandbox) carry(ctx context.Context, bot *bot.Bot, w *recorder, rule string, signal bot.Sampled) (Outcome, error) {
	if signal.Event == nil {
		s.Reach(signal.Time)
	}
	w.owed = nil
	if err := bot.Carry(ctx, rule, signal); err != nil {
		return Outcome{}, err
	}
	o := Outcome{
		Decision: w.decision, Event: signal.Event, Owed: w.eventsOwed(), Data: signal.Data, Outputs: engine.ScopeOf(signal.Data).Outputs,
	}
	for i, owed := range o.Owed {
		id, _, err := s.book().Find(ctx, owed.Event.PubKey)
		if err != nil {
			return Outcome{}, err
		}
		o.Owed[i].Identity = id.Name
		s.Add(owed.Event)
	}
	return o, nil
}

// Fit completes an event for the trigger of a rule, see [engine.Fitter].
func (s *Sandbox) Fit(rule string, e *nostr.Event) (bool, error) {
	bot, err := s.engine(&recorder{Ledger: s.ledger})
	if err != nil {
		return false, err
	}
	return bot.Fit(rule, e), nil
}

// engine makes the engine anew for every sample: what triggers remember in memory, such as profiles, must not outlive
// one.
func (s *Sandbox) engine(w *recorder) (*bot.Bot, error) {
	client := s.options.HTTP
	if client == nil {
		client = func(bool) *http.Client { return &http.Client{Transport: noNetwork{}} }
	}
	var lists engine.RelayLists
	if s.options.RelayLists != nil {
		lists = s.options.RelayLists(s.source)
	}
	return bot.New(bot.Options{
		Rules: s.options.Rules, Identities: s.book(),
		Ledger: w, Overlay: func() engine.Ledger { return w },
		Source: s.source, Publisher: w, Observer: w, Clock: s.clock.engine(), Dir: s.options.Dir,
		HTTP: client, RelayLists: lists, DryRun: s.options.Dry,
	})
}

func (s *Sandbox) book() *identity.Book {
	return identity.New(identity.Options{Configured: s.options.Identities, Derive: identity.Derive, Origins: s.ledger})
}

// noNetwork refuses every request.
type noNetwork struct{}

// RoundTrip implements [http.RoundTripper].
func (noNetwork) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, errors.New("no requests are made here: " + r.Method + " was refused")
}
