package relay

import (
	"context"
	"errors"
	"strings"
	"time"

	"rhea/engine"
)

const (
	// quietDeadline is how long a relay may be silent before EOSE. After maxQuiet such silences in a row the relay does
	// not send EOSE at all, or refuses without an answer; then slowDeadline applies.
	quietDeadline = 15 * time.Second
	slowDeadline  = 5 * time.Minute
	maxQuiet      = 3
)

// retryPolicy decides when a group subscribes again after its subscription has ended.
type retryPolicy struct {
	refusals, limited, banned engine.Backoff
	// quiet counts the subscriptions without EOSE, authentications those since the last EOSE.
	quiet, authentications int
}

func (p *retryPolicy) deadline() time.Duration {
	if p.quiet < maxQuiet {
		return quietDeadline
	}
	return slowDeadline
}

// noteEOSE resets what an EOSE proves to be over.
func (p *retryPolicy) noteEOSE() { p.quiet, p.authentications = 0, 0 }

// reset begins the pauses anew, after a subscription has lasted for a while.
func (p *retryPolicy) reset() {
	p.refusals.Reset()
	p.limited.Reset()
	p.banned.Reset()
}

// pauseAfter returns how long to wait before the next subscription, after it has reacted to the way the last one ended.
func (g *group) pauseAfter(ctx context.Context, link *link, end ending) time.Duration {
	p := &g.retry
	p.refusals.First, p.refusals.Last = firstBackoff, lastBackoff
	p.limited.First, p.limited.Last = 30*time.Second, 10*time.Minute
	p.banned.First, p.banned.Last = time.Hour, 6*time.Hour
	if end.quiet {
		p.quiet++
	}
	switch {
	case end.quiet && end.reason == "":
		if p.quiet > 1 && g.planner.split(g) {
			return 0
		}
		if !end.hadEvents {
			g.planner.markRefused(g, "no EOSE")
		}
		return p.refusals.Jittered()
	case !end.closed && !end.quiet:
		return 0 // The session itself waits before it connects again.
	}
	reason, text := prefix(end.reason), end.reason
	switch {
	case reason == reasonAuthRequired:
		return g.authenticate(ctx, link, end)
	case isTooMany(text) && g.planner.tooMany(g):
		return p.refusals.Jittered()
	case isTooMany(text):
		// All queries together exceed the limit of the relay, however they are merged. This one is tried again with
		// backoff, until another query ends.
		text = "the queries are more than the relay takes: " + text
	}
	if reason != reasonRateLimited && g.planner.split(g) {
		return 0
	}
	g.planner.markRefused(g, text)
	switch reason {
	case reasonRateLimited:
		return p.limited.Jittered()
	case reasonRestricted, reasonBlocked:
		return p.banned.Jittered()
	}
	return p.refusals.Jittered()
}

// isTooMany reports whether a refusal is about the number of subscriptions.
func isTooMany(reason string) bool {
	reason = strings.ToLower(reason)
	return (strings.Contains(reason, "too many") || strings.Contains(reason, "max")) &&
		(strings.Contains(reason, "concurrent") || strings.Contains(reason, "subscription"))
}

// authenticate answers the challenge and, the first time, subscribes again at once. Where that does not help, or the
// relay sends no challenge, it splits the group to find the refused queries, which are tried again with backoff.
func (g *group) authenticate(ctx context.Context, link *link, end ending) time.Duration {
	p := &g.retry
	if g.identify() {
		return p.refusals.Jittered() // The others cannot sign; they are reported when they are refused alone.
	}
	err := g.planner.session.authenticate(ctx, link, end.answeredChallenge)
	p.authentications++
	switch {
	case err == nil && p.authentications == 1, errors.Is(err, errLost):
		return 0
	case g.planner.split(g):
		return 0
	case err == nil:
		g.planner.markRefused(g, errStillAsks.Error())
	default:
		g.planner.markRefused(g, err.Error())
	}
	if errors.Is(err, errNoIdentity) || errors.Is(err, errStillAsks) {
		return p.banned.Jittered()
	}
	return p.refusals.Jittered()
}

// identify moves the subscribers that can sign from a shared session to sessions of their own, where they can
// authenticate.
func (g *group) identify() (sent bool) {
	for _, sub := range g.planner.subscribersOf(g) {
		if sub.lease.network.dedicate(g.planner.session) {
			return false
		}
		if sub.lease.canSign() {
			sub.lease.network.running.Go(sub.separate)
			sent = true
		}
	}
	return sent
}
