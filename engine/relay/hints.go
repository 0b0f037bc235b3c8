package relay

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

const (
	// hintsAge is how long the policy of a relay is used before it is asked again, failedHintsAge the same after a
	// failed request, and informDeadline bounds one request.
	hintsAge       = 24 * time.Hour
	failedHintsAge = time.Hour
	informDeadline = 10 * time.Second
)

// hints caches the policy of a relay (NIP-11). It is asked for when it is first needed.
type hints struct {
	mu     sync.Mutex
	policy Policy
	err    error
	until  time.Time
}

// policy returns the policy of the relay. Callers that come during a request wait for the same answer.
func (s *session) policy(ctx context.Context) (Policy, error) {
	s.hints.mu.Lock()
	defer s.hints.mu.Unlock()
	if time.Now().Before(s.hints.until) {
		return s.hints.policy, s.hints.err
	}
	ask, cancel := context.WithTimeout(ctx, informDeadline)
	defer cancel()
	policy, err := Inform(ask, s.client, s.url)
	if ctx.Err() != nil {
		return policy, err
	}
	age := hintsAge
	if err != nil {
		age = failedHintsAge
	}
	s.hints.policy, s.hints.err, s.hints.until = policy, err, time.Now().Add(age)
	return policy, err
}

// explain adds the policy of the relay to a refusal without a clear reason, where the event violates that policy.
func (s *session) explain(ctx context.Context, a answer, event *nostr.Event) answer {
	word := prefix(a.reason)
	if word == reasonPow {
		a.pow = bitsIn(a.reason)
	}
	switch {
	case a.ok, a.pow > 0:
		return a
	case word != "" && word != reasonInvalid && word != reasonPow:
		return a
	}
	policy, err := s.policy(ctx)
	if err != nil {
		return a
	}
	now := time.Now()
	about := policy.Objections(event, now)
	if word == reasonPow {
		about = nil
		if a.pow = policy.PoW; a.pow > 0 {
			about = []string{fmt.Sprintf("wants %d bits", a.pow)}
		}
	} else if policy.rejectsDate(event, now) {
		a.notBefore, a.notAfter = policy.dateBounds(now)
	}
	if len(about) > 0 {
		a.hint = " (it says that it " + strings.Join(about, ", and that it ") + ")"
	}
	return a
}
