package gate

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/lookup"
)

// New returns the gates of a bot.
func New(o Options) *Gates {
	g := &Gates{
		opts: o, floods: newFloods(o.Ledger, o.Clock, o.Log), answers: newWindows(o.Clock), repeats: newRepeats(o.Ledger), crowds: make(map[string]*crowd),
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

// tendCrowds notices that a crowd is over also when nobody writes any more.
func (g *Gates) tendCrowds(ctx context.Context) {
	for {
		for _, c := range g.crowds {
			if _, err := c.from(ctx); err != nil && ctx.Err() == nil {
				g.opts.Log.Error("cannot tell whether strangers are still slowed down", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Minute):
		}
	}
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
	return &Rule{facts: facts{
		rule: o.Rule, gates: g, identity: o.Identity, ledger: o.Ledger, dry: o.Dry, profiles: o.Profiles, places: o.Places, log: o.Log,
		crowd: g.crowdOf(o.Identity.Signer.PublicKey()),
	}}
}

// crowdOf returns the crowd of an identity.
func (g *Gates) crowdOf(pubkey string) *crowd {
	if g.crowds[pubkey] == nil {
		g.crowds[pubkey] = &crowd{opts: g.opts, stream: engine.CrowdStream(pubkey)}
	}
	return g.crowds[pubkey]
}
