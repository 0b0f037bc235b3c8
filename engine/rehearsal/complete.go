package rehearsal

import (
	"context"
	"fmt"
	"regexp"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/config"
)

// Complete makes a whole event of what is known of one, so that it fits the trigger of a rule, as tests do. Without a
// rule, and for one that does not listen for events, it is a note. Filled names the fields that were made up.
func (s *Sandbox) Complete(ctx context.Context, rule *engine.Rule, t config.TestEvent) (r *engine.Received, filled []string, err error) {
	p := runner{sandbox: s, rule: rule, identities: s.options.Identities}
	listens := false
	if rule == nil {
		p.rule = new(engine.Rule)
	} else if listens, err = p.sandbox.Fit(rule.Name, &nostr.Event{}); err != nil {
		return nil, nil, err
	}
	complete := p.event
	if listens {
		complete = p.fitted
	}
	if r, err = complete(ctx, t); err != nil {
		return nil, nil, err
	}
	if t.From == "bot" {
		if err := p.addProfile(r.Event.PubKey, t.From, nil); err != nil {
			return nil, nil, err
		}
	}
	if rule != nil && !listens {
		return r, nil, nil // The rule does not look at it.
	}
	return r, madeUp(t, r.Event), nil
}

// longHex is a key or an id, which is shortened for people.
var longHex = regexp.MustCompile(`\b([0-9a-f]{8})[0-9a-f]{56}\b`)

// madeUp compares what was given with what became of it.
func madeUp(t config.TestEvent, e *nostr.Event) []string {
	if t.Sig != "" {
		return nil
	}
	var all []string
	add := func(is bool, text string) {
		if is {
			all = append(all, text)
		}
	}
	add(t.Pubkey == "" && t.From == "", "pubkey of a stranger")
	add(t.CreatedAt == nil, "created_at")
	add(t.Kind == nil, fmt.Sprintf("kind %d", e.Kind))
	add(len(e.Tags) > len(t.Tags), "tags "+longHex.ReplaceAllString(line(e.Tags[len(t.Tags):]), "$1…"))
	add(t.ID == "", "id")
	add(e.Sig != "", "sig")
	return all
}
