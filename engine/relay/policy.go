package relay

import (
	"context"
	"errors"
	"time"
)

const (
	// quietDeadline is how long a relay may be silent before EOSE. After patience such silences in a row it is one
	// that never sends EOSE, or that refuses without a word, and is asked again more slowly.
	quietDeadline = 15 * time.Second
	slowDeadline  = 5 * time.Minute
	patience      = 3
)

// policy decides when a leg whose subscription has ended asks again.
type policy struct {
	refusals, limited, banned backoff
	// quiet counts subscriptions without EOSE, authed the authentications since the last EOSE.
	quiet, authed int
	// refused is the last refusal that was told.
	refused string
}

func (p *policy) deadline() time.Duration {
	if p.quiet < patience {
		return quietDeadline
	}
	return slowDeadline
}

// accepted notes an EOSE and reports whether it ends a refusal that was told.
func (p *policy) accepted() (news bool) {
	news = p.refused != ""
	p.quiet, p.authed, p.refused = 0, 0, ""
	return news
}

// settled notes that a subscription has held for a while.
func (p *policy) settled() {
	p.refusals.reset()
	p.limited.reset()
	p.banned.reset()
}

// pause returns how long to wait before the next subscription, after doing what the ending asks for.
func (l *leg) pause(ctx context.Context, link *link, end ending, p *policy) time.Duration {
	p.refusals.first, p.refusals.last = firstBackoff, lastBackoff
	p.limited.first, p.limited.last = 30*time.Second, 10*time.Minute
	p.banned.first, p.banned.last = time.Hour, 6*time.Hour
	switch {
	case end.quiet:
		p.quiet++
		l.tell(p, "no EOSE")
		return p.refusals.next()
	case !end.closed:
		return 0 // The session waits before it connects again.
	}
	switch prefix(end.reason) {
	case reasonAuthRequired:
		return l.authenticate(ctx, link, end, p)
	case reasonRateLimited:
		l.tell(p, end.reason)
		return p.limited.next()
	case reasonRestricted, reasonBlocked:
		l.tell(p, end.reason)
		return p.banned.next()
	default:
		l.tell(p, end.reason)
		return p.refusals.next()
	}
}

// authenticate answers the challenge. Relays that keep asking are given time.
func (l *leg) authenticate(ctx context.Context, link *link, end ending, p *policy) time.Duration {
	err := l.session.authenticate(ctx, link, end.authed)
	p.authed++
	switch {
	case err == nil && p.authed == 1, errors.Is(err, errLost):
		return 0
	case errors.Is(err, errNoIdentity), errors.Is(err, errStillAsks):
		l.tell(p, err.Error())
		return p.banned.next()
	case err != nil:
		l.tell(p, err.Error())
	}
	return p.refusals.next()
}

// tell logs a refusal when it differs from the last one.
func (l *leg) tell(p *policy, reason string) {
	if p.refused == reason {
		return
	}
	p.refused = reason
	l.log.Warn("subscription refused", "reason", clip(reason))
}
