package bot

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

// saying is what one event says.
type saying struct {
	// mark names it, see saidMark.
	mark string
	// answer says that it names the event that it answers. Only another rule can say the same to the same event, and
	// then at the same time: what is remembered in memory is enough.
	answer bool
}

// repeats returns what the events say, and in words what was said already within the rule's span. What the operator
// planned to say at a time of its own may be the same each time, unless the rule says otherwise. The caller holds f.mu.
func (f *floods) repeats(ctx context.Context, r *runner, t *trial) (says []saying, repeated string, err error) {
	for _, e := range t.events {
		if t.Planned && !r.rule.RepeatPlanned || r.rule.RepeatAfter == 0 || !engine.IsRegular(e.Kind) {
			continue
		}
		s := saying{saidMark(e), t.Event != nil && e.Tags.FindWithValue("e", t.Event.ID) != nil}
		if slices.Contains(says, s) {
			continue // One answer may say a thing twice, such as to two relays.
		}
		if f.saying[s.mark] {
			return nil, "the same is being published", nil
		}
		now := f.engine.Clock.Now()
		times, err := f.said(ctx, s, now.Add(-r.rule.RepeatAfter), now)
		if err != nil {
			return nil, "", fmt.Errorf("looking up what was said: %w", err)
		}
		if len(times) > 0 {
			return nil, fmt.Sprintf("the same was published at %s, repeat_after is %s",
				times[len(times)-1].UTC().Format(time.RFC3339), engine.Duration(r.rule.RepeatAfter)), nil
		}
		says = append(says, s)
	}
	return says, "", nil
}

// said returns when the same was said after a time and until now.
func (f *floods) said(ctx context.Context, s saying, since, now time.Time) ([]time.Time, error) {
	if !s.answer {
		return counted(ctx, f.engine.Ledger, s.mark, since, now)
	}
	if at, ok := f.answers[s.mark]; ok && at.After(since) && !at.After(now) {
		return []time.Time{at}, nil
	}
	return nil, nil
}

// remember keeps the latest answers. The caller holds f.mu.
func (f *floods) remember(s saying, now time.Time) {
	if !s.answer {
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
	f.answers[s.mark] = now
}

// references are the tags that say to whom or about what an event speaks. The same words to somebody else are no
// repetition.
const references = "eEaAqpPdhiI"

// saidMark names what an event says: its author, kind, text and references.
func saidMark(e nostr.Event) string {
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
