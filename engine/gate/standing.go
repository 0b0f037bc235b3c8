package gate

import (
	"context"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

const (
	// provenWork is how many bits of work tell an event from those of throw-away keys.
	provenWork = 16
	// acquaintance is how long before a crowd somebody must have been answered to be no part of it.
	acquaintance = 10 * time.Minute
	// maxFollows is how many people of a follow list count.
	maxFollows = 50_000
)

// standings knows what speaks for authors.
type standings struct {
	facts   *facts
	answers *answers
}

// share is as much of some rates as authors of a standing may use up, with all who stand higher. The rest is kept for
// those: newcomers leave a third, the proven a sixth.
func (s Standing) share(rates []engine.Rate) []engine.Rate {
	left := map[Standing]int{newcomer: 3, proven: 6}[s]
	if left == 0 {
		return rates
	}
	return scaled(rates, func(n int) int { return n - n/left })
}

func scaled(rates []engine.Rate, by func(int) int) []engine.Rate {
	less := make([]engine.Rate, len(rates))
	for i, r := range rates {
		less[i] = engine.Rate{Count: max(by(r.Count), 1), Per: r.Per}
	}
	return less
}

// standingOf looks up the standing of an event's author without asking anybody: the signature may not be checked yet.
// Since is when the crowd came.
func (r *standings) standingOf(ctx context.Context, e *nostr.Event, since time.Time) (Standing, error) {
	bot := r.facts.pubkey()
	if r.facts.gates.follows.Known(bot)[e.PubKey] {
		return known, nil
	}
	answered, err := r.answers.answered(ctx, e.PubKey, since.Add(-acquaintance))
	if err != nil || answered {
		return known, err
	}
	if engine.Work(e) >= provenWork {
		return proven, nil
	}
	if r.facts.profiles != nil {
		if p, found := r.facts.profiles.Known(e.PubKey); found && p.At.Before(since.Add(-acquaintance)) {
			return proven, nil
		}
	}
	return newcomer, nil
}

// readFollows reads whom an identity follows (kind 3).
func readFollows(e *nostr.Event) map[string]bool {
	follows := make(map[string]bool)
	for _, tag := range e.Tags[:min(len(e.Tags), maxFollows)] {
		if len(tag) > 1 && tag[0] == "p" {
			follows[tag[1]] = true
		}
	}
	return follows
}

// stands returns the standing of the signal's author, known for signals that nobody set off.
func (r *standings) stands(ctx context.Context, c *Candidate) (Standing, error) {
	if c.Event == nil {
		return known, nil
	}
	if c.standing != nil {
		return *c.standing, nil
	}
	since, err := r.facts.crowd.from(ctx)
	if err != nil {
		return newcomer, err
	}
	if since.IsZero() {
		since = r.facts.now()
	}
	stands, err := r.standingOf(ctx, c.Event, since)
	if err == nil {
		c.standing = &stands
	}
	return stands, err
}

// rate is as much of a rate of the rule as authors of a standing may use up: newcomers leave a sixth.
func (s Standing) rate(rates []engine.Rate) []engine.Rate {
	if s == known {
		return rates
	}
	return proven.share(rates)
}
