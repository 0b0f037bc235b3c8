package gate

import (
	"context"
	"fmt"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// Standing is what speaks for the author of an event when not everybody can be answered.
type Standing int

const (
	// newcomer is somebody of whom nothing is known. Such keys cost nothing.
	newcomer Standing = iota
	// proven is a newcomer with proof of work in the event, or with a profile that is older than the crowd.
	proven
	// known was answered before the crowd came, or is followed by the identity.
	known
)

const (
	// provenWork is how many bits of work tell an event from those of throw-away keys.
	provenWork = 16
	// acquaintance is how long before a crowd somebody must have been answered to be no part of it.
	acquaintance = 10 * time.Minute
	// maxFollows is how many people of a follow list count.
	maxFollows = 50_000
	// maxMet is of how many people it is remembered that they were answered; of others the ledger is asked.
	maxMet = 10_000
)

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
func (r *Rule) standingOf(ctx context.Context, e *nostr.Event, since time.Time) (Standing, error) {
	bot := r.pubkey()
	if r.gates.follows.Known(bot)[e.PubKey] {
		return known, nil
	}
	answered, err := r.answered(ctx, e.PubKey, since.Add(-acquaintance))
	if err != nil || answered {
		return known, err
	}
	if engine.Work(e) >= provenWork {
		return proven, nil
	}
	if r.profiles != nil {
		if p, found := r.profiles.Known(e.PubKey); found && p.At.Before(since.Add(-acquaintance)) {
			return proven, nil
		}
	}
	return newcomer, nil
}

// answered reports whether a rule of the identity has answered an author before a time.
func (r *Rule) answered(ctx context.Context, author string, before time.Time) (bool, error) {
	first, ok := r.crowd.firstAnswer(author)
	if !ok {
		var err error
		if first, err = r.firstAnswer(ctx, author); err != nil || first.IsZero() {
			return false, err
		}
		r.crowd.met(author, first)
	}
	return first.Before(before), nil
}

// firstAnswer looks up when a rule of the identity first answered an author, zero for never.
func (r *Rule) firstAnswer(ctx context.Context, author string) (first time.Time, err error) {
	for _, name := range r.gates.answering[r.pubkey()] {
		times, err := r.ledger.Times(ctx, mark(name, "author", author), time.Time{})
		if err != nil {
			return time.Time{}, fmt.Errorf("looking up answers to %s: %w", author, err)
		}
		if len(times) > 0 && (first.IsZero() || times[0].Before(first)) {
			first = times[0]
		}
	}
	return first, nil
}

// firstAnswer is when an author was first answered, as far as that was looked up lately.
func (c *crowd) firstAnswer(author string) (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	first, ok := c.first[author]
	return first, ok
}

// met remembers when an author was first answered: no later answer changes that.
func (c *crowd) met(author string, first time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.first == nil || len(c.first) >= maxMet {
		c.first = make(map[string]time.Time)
	}
	c.first[author] = first
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
func (r *Rule) stands(ctx context.Context, c *Candidate) (Standing, error) {
	if c.Event == nil {
		return known, nil
	}
	if c.standing != nil {
		return *c.standing, nil
	}
	since, err := r.crowd.from(ctx)
	if err != nil {
		return newcomer, err
	}
	if since.IsZero() {
		since = r.now()
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
