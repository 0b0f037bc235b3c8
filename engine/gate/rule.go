package gate

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/lookup"
)

// Options are what the gates of a bot may ask. All are required but Source.
type Options struct {
	Rules      []engine.Rule
	Identities Identities
	Ledger     engine.Ledger
	Source     engine.Source
	Clock      engine.Clock
	Log        *slog.Logger
}

// Identities knows who is one of us.
type Identities interface {
	// Named returns the identity that the configuration calls so.
	Named(name string) (engine.Identity, bool)
	// Below returns the identity at a path below one of the configuration.
	Below(base, path string) (engine.Identity, error)
	// Find returns the identity with a public key.
	Find(ctx context.Context, pubkey string) (id engine.Identity, ok bool, err error)
}

// Places are those in the queue of a rule.
type Places interface {
	// Count returns how many signals wait, and how many of them for a mark.
	Count(mark string) (all, under int)
	// OfOne returns how many signals of an author wait.
	OfOne(author string) int
	// Full says why there is no place for a signal of an author, "" when there is one.
	Full(author string, known bool) string
}

// Gates are what the gates of all rules share.
type Gates struct {
	opts    Options
	floods  *floods
	mutes   *lookup.Lists[muteList]
	follows *lookup.Lists[map[string]bool]
	// crowds are how each identity copes with more strangers than it may answer, by its public key.
	crowds map[string]*crowd
	// answering are the names of the rules of each identity, and speaking those whose actions sign as it, by public key.
	answering, speaking map[string][]string
	// addressed are the public keys of the identities that people speak to.
	addressed []string
}

// New returns the gates of a bot.
func New(o Options) *Gates {
	g := &Gates{
		opts: o, floods: newFloods(o.Ledger, o.Clock, o.Log), crowds: make(map[string]*crowd),
		answering: make(map[string][]string), speaking: make(map[string][]string),
	}
	var published []string
	for i := range o.Rules {
		rule := &o.Rules[i]
		published = append(published, rule.Relays...)
		if id, ok := o.Identities.Named(rule.Identity); ok && !rule.Disabled {
			g.learn(rule, id.Signer.PublicKey())
		}
	}
	g.mutes = lookup.NewLists(o.Source, published, kindMuteList, readMuteList)
	g.follows = lookup.NewLists(o.Source, published, nostr.KindFollowList, readFollows)
	return g
}

// learn notes whom a rule answers and speaks as.
func (g *Gates) learn(rule *engine.Rule, pubkey string) {
	g.answering[pubkey] = append(g.answering[pubkey], rule.Name)
	speaks := []string{pubkey}
	for _, s := range rule.Steps {
		if id, ok := g.opts.Identities.Named(s.Identity); ok {
			speaks = append(speaks, id.Signer.PublicKey())
		}
	}
	for _, as := range slices.Compact(slices.Sorted(slices.Values(speaks))) {
		g.speaking[as] = append(g.speaking[as], rule.Name)
	}
	if slices.ContainsFunc(rule.Triggers, func(t engine.RuleTrigger) bool { return t.Kind.Addressed }) {
		g.addressed = append(g.addressed, pubkey)
	}
}

// Tend keeps fresh what gates ask about and notices what is over, until ctx ends.
func (g *Gates) Tend(ctx context.Context) {
	done := make(chan struct{}, 2)
	go func() { g.mutes.KeepFresh(ctx, g.addressed); done <- struct{}{} }()
	go func() { g.follows.KeepFresh(ctx, g.addressed); done <- struct{}{} }()
	g.tendCrowds(ctx)
	<-done
	<-done
}

// Rule is one rule with what its gates remember.
type Rule struct {
	rule     *engine.Rule
	gates    *Gates
	identity engine.Identity
	ledger   engine.Ledger
	dry      bool
	profiles engine.Profiles
	places   Places
	log      *slog.Logger
	tables   tables

	// crowd is the one of the identity; seats are the slots that newcomers in it may take, and newcomersUntil is until when
	// they have used up their part of the rate, in nanoseconds since 1970.
	crowd          *crowd
	seats          chan struct{}
	newcomersUntil atomic.Int64
	// newcomersAway counts whom the rate has turned away until then.
	newcomersAway atomic.Int64
}

// RuleOptions are what the gates of one rule may ask besides.
type RuleOptions struct {
	Rule     *engine.Rule
	Identity engine.Identity
	// Ledger is the rule's: that of a dry run stores nothing.
	Ledger engine.Ledger
	Dry    bool
	// Profiles are those of the authors that the triggers hear; nil when there is nobody to ask.
	Profiles engine.Profiles
	Places   Places
	Log      *slog.Logger
}

// Of returns the gates of one rule.
func (g *Gates) Of(o RuleOptions) *Rule {
	r := &Rule{
		rule: o.Rule, gates: g, identity: o.Identity, ledger: o.Ledger, dry: o.Dry, profiles: o.Profiles, places: o.Places, log: o.Log,
		crowd: g.crowdOf(o.Identity.Signer.PublicKey()), seats: make(chan struct{}, max(o.Rule.Concurrency-1, 1)),
	}
	r.tables = newTables(r)
	return r
}

// pubkey is that of the identity that the rule acts as.
func (r *Rule) pubkey() string { return r.identity.Signer.PublicKey() }

func (r *Rule) now() time.Time { return r.gates.opts.Clock.Now() }

// mark is what the rule's answers are counted under.
func (r *Rule) mark(what, detail string) string { return mark(r.rule.Name, what, detail) }

func mark(rule, what, detail string) string { return rule + "/" + what + "/" + detail }

// guardsLoops reports whether it matters that the author of an event may be a bot.
func (r *Rule) guardsLoops(e *nostr.Event) bool {
	return e != nil && !r.rule.AllowBots && r.profiles != nil
}

// Ahead asks for the author of an event that waits for others, so that a crowd is looked up together. Only people who
// speak to the bot are: of other events too few meet the condition.
func (r *Rule) Ahead(ctx context.Context, e *nostr.Event) {
	stale := r.rule.MaxAge > 0 && r.now().Sub(e.CreatedAt.Time()) > r.rule.MaxAge
	if r.guardsLoops(e) && !stale && r.worthAsking(ctx) {
		r.profiles.Expect(ctx, e.PubKey)
	}
}
