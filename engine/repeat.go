package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// repeats returns the marks of what the events say, and in words what was said already within the rule's span. What
// the operator planned to say at a time of its own may be the same each time. The caller holds f.mu.
func (f *floods) repeats(ctx context.Context, r *runner, t *trial) (marks []string, repeated string, err error) {
	for _, e := range t.events {
		if t.Planned || r.rule.RepeatAfter == 0 || !isKept(e.Kind) {
			continue
		}
		mark := saidMark(e)
		if slices.Contains(marks, mark) {
			continue // One answer may say a thing twice, such as to two relays.
		}
		if f.saying[mark] {
			return nil, "the same is being published", nil
		}
		since := f.engine.Clock.Now().Add(-r.rule.RepeatAfter)
		times, err := f.engine.Ledger.Times(ctx, mark, since)
		if err != nil {
			return nil, "", fmt.Errorf("looking up what was said: %w", err)
		}
		if len(times) > 0 {
			return nil, fmt.Sprintf("the same was published at %s, repeat_after is %s",
				times[len(times)-1].UTC().Format(time.RFC3339), Duration(r.rule.RepeatAfter)), nil
		}
		marks = append(marks, mark)
	}
	return marks, "", nil
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
