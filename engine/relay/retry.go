package relay

import (
	"context"
	"errors"
	"strings"
	"time"

	"rhea/engine"
)

const (
	// quietDeadline is how long a relay may be silent before EOSE. After patience such silences in a row it is one
	// that never sends EOSE, or that refuses without a word, and is asked again more slowly.
	quietDeadline = 15 * time.Second
	slowDeadline  = 5 * time.Minute
	maxQuiet      = 3
)

// policy decides when a group whose subscription has ended asks again.
type retryPolicy struct {
	refusals, limited, banned engine.Backoff
	// quiet counts subscriptions without EOSE, authed the authentications since the last EOSE.
	quiet, authentications int
}

func (p *retryPolicy) deadline() time.Duration {
	if p.quiet < maxQuiet {
		return quietDeadline
	}
	return slowDeadline
}

// accepted notes an EOSE.
func (p *retryPolicy) noteEOSE() { p.quiet, p.authentications = 0, 0 }

// settled notes that a subscription has held for a while.
func (p *retryPolicy) reset() {
	p.refusals.Reset()
	p.limited.Reset()
	p.banned.Reset()
}

// pauseAfter returns how long to wait before the next subscription, after doing what the ending asks for.
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
		return 0 // The session waits before it connects again.
	}
	reason, text := prefix(end.reason), end.reason
	switch {
	case reason == reasonAuthRequired:
		return g.authenticate(ctx, link, end)
	case isTooMany(text) && g.planner.tooMany():
		return p.refusals.Jittered()
	case isTooMany(text):
		// All queries together are more than the relay takes, however they are merged. This one is tried again now and
		// then, and served when another one ends.
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

// authenticate answers the challenge and asks again at once, the first time. Where that does not help, also where the
// relay sends no challenge, it is found out which queries are refused; those are asked again ever more rarely.
func (g *group) authenticate(ctx context.Context, link *link, end ending) time.Duration {
	p := &g.retry
	if g.identify() {
		return p.refusals.Jittered() // The others, who cannot sign, are told when they are refused alone.
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

// identify sends the legs on a shared session to sessions of their own, where they can say who they are.
func (g *group) identify() (sent bool) {
	for _, sub := range g.planner.subscribersOf(g) {
		if sub.lease.network.dedicate(g.planner.session) {
			return false
		}
		if sub.lease.canSign() {
			notify(sub.authAsked)
			sent = true
		}
	}
	return sent
}
