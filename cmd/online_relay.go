package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/relay"
)

// relaysOf lists the relays that rules use, each with the place of the first rule that does.
func relaysOf(file *config.File) map[string]string {
	relays := make(map[string]string)
	use := func(addresses []string, place string) {
		for _, r := range addresses {
			if _, ok := relays[r]; !ok {
				relays[r] = place
			}
		}
	}
	for _, r := range file.Rules {
		use(r.Relays, r.Place)
		for _, t := range r.Triggers {
			use(t.Relays, r.Place)
		}
		for _, step := range r.Steps {
			use(step.Relays, r.Place)
		}
	}
	return relays
}

// askRelay asks a relay a question, and for its information document.
func (s *survey) askRelay(ctx context.Context, address, place string) {
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	r := relayReport{Relay: address}
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.relays[address] = r
	}()
	// No event has this id: the answer is an empty list.
	nothing := nostr.Filter{IDs: []string{strings.Repeat("0", 64)}, Limit: 1}
	asked := time.Now()
	if _, err := s.network.Fetch(ctx, []string{address}, nothing); err != nil {
		r.Error = engine.Redact(cause(err).Error())
		s.add(config.Error, place, "relay-silent", fmt.Sprintf("%s does not answer: %s", address, r.Error),
			"check the address, or leave the relay out")
		return
	}
	r.Answers, r.Milliseconds = true, max(1, time.Since(asked).Milliseconds())
	asked = time.Now()
	policy, err := relay.Inform(ctx, s.private, address)
	if !policy.Date.IsZero() {
		r.dated, r.offset = true, time.Since(asked)/2+asked.Sub(policy.Date)
	}
	if err != nil {
		return // Many relays work and have no information document.
	}
	r.policy, r.Says = policy, &relaySays{
		policy.AuthRequired, policy.PaymentRequired, policy.RestrictedWrites, policy.PoW, policy.Refused,
		policy.MaxMessage, policy.MaxContent, policy.MaxTags,
	}
	s.checkPolicy(address, place, policy)
}

// checkPolicy warns of what keeps all events out.
func (s *survey) checkPolicy(address, place string, policy relay.Policy) {
	warn := func(message, hint string) { s.add(config.Warning, place, "relay-policy", address+" "+message, hint) }
	if policy.PaymentRequired {
		warn("wants to be paid before it takes events", strings.TrimSpace("pay there, or leave it out "+policy.PaymentsURL))
	}
	if policy.RestrictedWrites && !policy.PaymentRequired {
		warn("takes events from some authors only", "ask its operator to let the bot in, or leave it out")
	}
	for _, r := range s.file.Rules {
		if policy.PoW > r.PoW.Bits && slices.Contains(r.Relays, address) && !r.Disabled {
			s.add(config.Warning, r.Place, "relay-policy", fmt.Sprintf("%s wants %d bits of proof of work, and rule %s spends %d at most",
				address, policy.PoW, r.Name, r.PoW.Bits), fmt.Sprintf("write pow_budget: { bits: %d } beside the rule", policy.PoW))
		}
	}
}

// checkEvents warns of events that a relay refuses, by its information document.
func (s *survey) checkEvents(previews []rulePreview) {
	for _, p := range previews {
		for _, v := range p.Signals {
			for _, owed := range v.Owed {
				for _, address := range owed.Relays {
					for _, objection := range s.relays[address].policy.Objections(&owed.Event, owed.Event.CreatedAt.Time()) {
						s.add(config.Warning, p.place, "relay-policy", fmt.Sprintf("%s %s: the rule %s publishes one", address, objection, p.Rule),
							"leave it out of the relays of this rule")
					}
				}
			}
		}
	}
}

// answered lists the relays in the order of their addresses.
func (s *survey) answered() []relayReport {
	return slices.SortedFunc(maps.Values(s.relays), func(a, b relayReport) int { return cmp.Compare(a.Relay, b.Relay) })
}

// cause is the innermost error of a chain.
func cause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if many, ok := err.(interface{ Unwrap() []error }); ok && len(many.Unwrap()) > 0 {
			inner = many.Unwrap()[0]
		}
		if inner == nil {
			return err
		}
		err = inner
	}
}
