package gate

import (
	"log/slog"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/lookup"
)

// Gates are what the gates of all rules share.
type Gates struct {
	opts   Options
	floods *floods
	// answers are when each rule has answered, as its limits and its patience count.
	answers *windows
	repeats *repeats
	mutes   *lookup.Lists[muteList]
	follows *lookup.Lists[map[string]bool]
	// crowds are how each identity copes with more strangers than it may answer, by its public key.
	crowds map[string]*crowd
	// answering are the names of the rules of each identity, and speaking those whose actions sign as it, by public key.
	answering, speaking map[string][]string
	// addressed are the public keys of the identities that people speak to.
	addressed []string
}

// facts are what the gates of one rule know of it.
type facts struct {
	rule     *engine.Rule
	gates    *Gates
	identity engine.Identity
	ledger   engine.Ledger
	dry      bool
	profiles engine.Profiles
	places   Places
	log      *slog.Logger
	// crowd is the one of the identity.
	crowd *crowd
}

// pubkey is that of the identity that the rule acts as.
func (r *facts) pubkey() string { return r.identity.Signer.PublicKey() }

func (r *facts) now() time.Time { return r.gates.opts.Clock.Now() }

// counter is what the rule's answers are counted under.
func (r *facts) counter(what, detail string) string { return counter(r.rule.Name, what, detail) }

func counter(rule, what, detail string) string { return rule + "/" + what + "/" + detail }

// guardsLoops reports whether it matters that the author of an event may be a bot.
func (r *facts) guardsLoops(e *nostr.Event) bool {
	return e != nil && !r.rule.AllowBots && r.profiles != nil
}
