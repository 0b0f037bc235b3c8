package gate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// maxAnswers is how many answers are remembered at a time.
const maxAnswers = 4096

// repeats knows what is being said, and what was said lately.
type repeats struct {
	ledger engine.Ledger

	mu sync.Mutex
	// publishing are the fingerprints of what is about to be committed.
	publishing map[string]bool
	// answers are the latest answers, and when they were committed.
	answers map[string]time.Time
}

func newRepeats(l engine.Ledger) *repeats {
	return &repeats{ledger: l, publishing: make(map[string]bool), answers: make(map[string]time.Time)}
}

// fingerprint is what one event says.
type fingerprint struct {
	// counter names it, see [fingerprintOf].
	counter string
	// answer says that it names the event that it answers. Only another rule can say the same to the same event, and
	// then at the same time: what is remembered in memory is enough.
	answer bool
}

// publish notes what is about to be committed. It reports false, and notes nothing, when another signal is about to say
// the same.
func (s *repeats) publish(prints []fingerprint) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.ContainsFunc(prints, func(p fingerprint) bool { return s.publishing[p.counter] }) {
		return false
	}
	for _, p := range prints {
		s.publishing[p.counter] = true
	}
	return true
}

// settle notes that what was about to be committed is, or takes it back.
func (s *repeats) settle(prints []fingerprint, committed bool, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range prints {
		delete(s.publishing, p.counter)
		if committed {
			s.remember(p, now)
		}
	}
}

// last returns when the same was last published after a time and until now, zero for never.
func (s *repeats) last(ctx context.Context, p fingerprint, since, now time.Time) (time.Time, error) {
	if !p.answer {
		times, err := counted(ctx, s.ledger, p.counter, since, now)
		if len(times) == 0 {
			return time.Time{}, err
		}
		return times[len(times)-1], nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, ok := s.answers[p.counter]; ok && at.After(since) && !at.After(now) {
		return at, nil
	}
	return time.Time{}, nil
}

// remember keeps the latest answers. The caller holds s.mu.
func (s *repeats) remember(p fingerprint, now time.Time) {
	if !p.answer {
		return // It is in the ledger.
	}
	if len(s.answers) >= maxAnswers {
		var times []time.Time
		for _, at := range s.answers {
			times = append(times, at)
		}
		slices.SortFunc(times, time.Time.Compare)
		maps.DeleteFunc(s.answers, func(_ string, at time.Time) bool { return !at.After(times[len(times)/2]) })
	}
	s.answers[p.counter] = now
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
