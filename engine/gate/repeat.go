package gate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// maxAnswers is how many answers are remembered at a time.
const maxAnswers = 4096

// fingerprint is what one event says.
type fingerprint struct {
	// mark names it, see [fingerprintOf].
	mark string
	// answer says that it names the event that it answers. Only another rule can say the same to the same event, and
	// then at the same time: what is remembered in memory is enough.
	answer bool
}

// fingerprints returns what the events say that must not be said again soon. What the operator planned to say at a time of
// its own may be the same each time, unless the rule says otherwise.
func (r *Rule) fingerprints(c *Candidate, events []nostr.Event) []fingerprint {
	if c.Planned && !r.rule.RepeatPlanned || r.rule.RepeatAfter == 0 {
		return nil
	}
	var prints []fingerprint
	for _, e := range events {
		if !engine.IsRegular(e.Kind) {
			continue
		}
		p := fingerprint{fingerprintOf(e), c.Event != nil && e.Tags.FindWithValue("e", c.Event.ID) != nil}
		if !slices.Contains(prints, p) { // One answer may say a thing twice, such as to two relays.
			prints = append(prints, p)
		}
	}
	return prints
}

// publish notes what is about to be committed. It reports false, and notes nothing, when another signal is about to say
// the same.
func (f *floods) publish(prints []fingerprint) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if slices.ContainsFunc(prints, func(p fingerprint) bool { return f.publishing[p.mark] }) {
		return false
	}
	for _, p := range prints {
		f.publishing[p.mark] = true
	}
	return true
}

// repeated says when one of the fingerprints was published within the rule's span, "" when none was.
func (r *Rule) repeated(ctx context.Context, prints []fingerprint) (string, error) {
	now := r.now()
	for _, p := range prints {
		last, err := r.gates.floods.last(ctx, p, now.Add(-r.rule.RepeatAfter), now)
		if err != nil {
			return "", fmt.Errorf("looking up what was said: %w", err)
		}
		if !last.IsZero() {
			return fmt.Sprintf("the same was published at %s, repeat_after is %s",
				last.UTC().Format(time.RFC3339), engine.Duration(r.rule.RepeatAfter)), nil
		}
	}
	return "", nil
}

// last returns when the same was last published after a time and until now, zero for never.
func (f *floods) last(ctx context.Context, p fingerprint, since, now time.Time) (time.Time, error) {
	if !p.answer {
		times, err := counted(ctx, f.ledger, p.mark, since, now)
		if len(times) == 0 {
			return time.Time{}, err
		}
		return times[len(times)-1], nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if at, ok := f.answers[p.mark]; ok && at.After(since) && !at.After(now) {
		return at, nil
	}
	return time.Time{}, nil
}

// remember keeps the latest answers. The caller holds f.mu.
func (f *floods) remember(p fingerprint, now time.Time) {
	if !p.answer {
		return // It is in the ledger.
	}
	if len(f.answers) >= maxAnswers {
		var times []time.Time
		for _, at := range f.answers {
			times = append(times, at)
		}
		slices.SortFunc(times, time.Time.Compare)
		maps.DeleteFunc(f.answers, func(_ string, at time.Time) bool { return !at.After(times[len(times)/2]) })
	}
	f.answers[p.mark] = now
}

// references are the tags that say to whom or about what an event speaks. The same words to somebody else are no
// repetition.
const references = "eEaAqpPdhiI"

// fingerprintOf names what an event says: its author, kind, text and references.
func fingerprintOf(e nostr.Event) string {
	said := []any{e.PubKey, e.Kind, e.Content}
	for _, tag := range e.Tags {
		if len(tag) > 1 && len(tag[0]) == 1 && strings.Contains(references, tag[0]) {
			said = append(said, tag[:2])
		}
	}
	text, err := json.Marshal(said)
	if err != nil {
		panic(err) // Texts and a number only.
	}
	sum := sha256.Sum256(text)
	return "said/" + hex.EncodeToString(sum[:16])
}
