package feed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"rhea/engine"
)

func (p *poller) run(ctx context.Context, in engine.Intake) error {
	l, err := p.resume(ctx, in)
	if err != nil {
		return engine.UnlessDone(ctx, err)
	}
	if _, err := p.woken(ctx, in, l); err != nil {
		return engine.UnlessDone(ctx, err)
	}
	if until := time.Unix(l.state.NotBefore, 0); l.state.NotBefore > 0 && time.Now().Before(until) {
		if p.setup.Once {
			return p.unread(fmt.Errorf("not asked: its server wants to be left alone until %s", until.Format(time.RFC3339)))
		}
		if err := p.sleep(ctx, in, l, min(time.Until(until), goneRest)); err != nil {
			return engine.UnlessDone(ctx, err)
		}
	}
	if p.config.Interval.cron != nil && l.state.Known && !p.setup.Once && !engine.Wait(ctx, p.interval(l)) {
		return nil
	}
	for {
		doc, version, failure := p.read(ctx, l)
		if ctx.Err() != nil {
			return nil
		}
		if failure == nil && doc != nil {
			err = p.emitNew(ctx, in, l, doc, version)
		} else if failure == nil {
			l.state.wasRead(time.Now())
			err = p.emitFailed(ctx, in, l)
		}
		pause := p.rest(ctx, in, l, failure)
		l.state.Next = time.Now().Add(pause).Unix()
		if err = cmp.Or(err, p.store(ctx, in, l)); err != nil {
			return engine.UnlessDone(ctx, err)
		}
		if failure == nil {
			p.tell(l, pause)
		}
		switch {
		case p.setup.Once && failure != nil:
			return p.unread(failure)
		case p.setup.Once:
			return nil
		}
		if err := p.sleep(ctx, in, l, pause); err != nil {
			return engine.UnlessDone(ctx, err)
		}
	}
}

func (p *poller) unread(err error) error { return &unreadError{shownAddress(p.url), err} }

// unreadError says that a single pass could not read a feed.
type unreadError struct {
	feed string
	err  error
}

func (u *unreadError) Error() string { return u.feed + ": " + u.err.Error() }

func (u *unreadError) Unwrap() error { return u.err }

func (p *poller) resume(ctx context.Context, in engine.Intake) (*look, error) {
	l := &look{done: make(map[string]bool)}
	var err error
	if l.state, err = readState(ctx, in, p.stream); err != nil {
		return nil, err
	}
	l.stored = l.state
	if err := p.takeOver(ctx, in, l); err != nil {
		return nil, err
	}
	if l.state.Asked != p.url {
		// What another server said does not hold for this one.
		l.state.Asked = p.url
		l.state.see("", time.Now())
		l.state.NotBefore, l.state.Gone, l.state.Failed = 0, false, ""
	}
	return l, nil
}

// takeOver goes on with what is known of the feed from when it was the rule's only one, or one of several: a rule gains
// and loses feeds, and none of those it keeps begins anew.
func (p *poller) takeOver(ctx context.Context, in engine.Intake, l *look) error {
	from := manyStream(p.setup.Stream, p.url)
	if p.stream == from {
		from = p.setup.Stream
	}
	other, err := readState(ctx, in, from)
	if err != nil || canonicalLink(other.URL) != canonicalLink(p.url) || other.Next <= l.state.Next {
		return err
	}
	l.state = other
	hold, err := in.Position(ctx, holdStream(p.setup.Rule, from))
	if err != nil || hold == "" {
		return err
	}
	if err := in.Advance(ctx, engine.Position{Stream: holdStream(p.setup.Rule, p.stream), Value: hold}); err != nil {
		return err
	}
	return in.Advance(ctx, engine.Position{Stream: holdStream(p.setup.Rule, from)})
}

// read returns the feed and its version; no feed when it has not changed.
func (p *poller) read(ctx context.Context, l *look) (*document, version, error) {
	now, ask := time.Now(), l.state
	if ask.URL != p.url || p.config.OnUpdate == onUpdateRun && !ask.Revisions {
		ask.URL, ask.version = p.url, version{}
	}
	address := p.url
	if ask.hasMoved(now) {
		address = ask.Moved
	}
	leave, err := p.turn(ctx, hostOf(address))
	if err != nil {
		return nil, version{}, err
	}
	defer leave()
	a, err := fetch(ctx, p.setup.HTTP(p.config.AllowPrivate), address, ask.version)
	if ctx.Err() != nil {
		return nil, version{}, ctx.Err()
	}
	if err != nil {
		if address != p.url {
			l.state.see("", now) // Perhaps it has moved back.
		}
		return nil, version{}, err
	}
	l.freshFor = a.freshFor
	if a.unchanged {
		p.moves(l, address, a.moved, now)
		return nil, version{}, nil
	}
	doc, err := p.reading.feed(ctx, p.url, a.body, a.address, a.contentType)
	if err != nil {
		return nil, version{}, err
	}
	p.moves(l, address, a.moved, now)
	doc.info.URL = withoutPassword(p.url)
	return doc, a.version, nil
}

// moves notes where a feed that could be read was in the end.
func (p *poller) moves(l *look, asked, moved string, now time.Time) {
	if asked != p.url && moved == "" {
		return // It is where we know it to be.
	}
	before := l.state.hasMoved(now)
	l.state.see(moved, now)
	if !before && l.state.hasMoved(now) {
		p.log().Info("feed has moved for good; write its new address into the configuration", "to", shownAddress(moved))
	}
}

const (
	firstRest = time.Minute
	// goneRest is between two looks at a feed that is said to be gone (410): servers err.
	goneRest = 7 * 24 * time.Hour
)

// rest returns when to look again, and tells the operator when a feed breaks and when it is well again.
func (p *poller) rest(ctx context.Context, in engine.Intake, l *look, err error) time.Duration {
	if err == nil {
		if l.failures > 0 || l.state.Gone {
			p.log().Info("feed can be read again", "failures", l.failures)
		}
		l.failures, l.state.NotBefore, l.state.Gone, l.state.Failed = 0, 0, false, ""
		return p.interval(l)
	}
	l.state.Failed = engine.Redact(start(err.Error(), longestName))
	rest := firstRest
	if every := p.config.Interval.every; every > 0 {
		rest = min(rest, every)
	}
	rest = engine.Doubled(rest, l.failures, longestRest)
	var status *statusError
	if errors.As(err, &status) && (status.retryAfter > rest || status.code == http.StatusGone) {
		rest = max(rest, status.retryAfter)
		if status.code == http.StatusGone {
			rest = goneRest
		}
		l.state.NotBefore = time.Now().Add(rest).Unix()
	}
	if status != nil && status.code == http.StatusGone && !l.state.Gone {
		l.state.Gone = true
		p.report(ctx, in, fmt.Sprintf("the feed %s is gone (410): it is asked once a week from now on; "+
			"write its new address into the configuration or delete it", shownAddress(p.url)))
	}
	if l.failures++; l.failures == 1 {
		p.log().Warn("feed cannot be read", "error", err, "again_in", rest)
	}
	return rest
}

// interval is the rest after a look that went well.
func (p *poller) interval(l *look) time.Duration {
	return p.config.Interval.rest(time.Now(), p.zone, l.state.pollHints, l.freshFor)
}

// wakeEvery is how often a feed that rests asks whether the operator wants it to look now.
const wakeEvery = 10 * time.Second

// sleep waits until the next look is due, or the operator wants one.
func (p *poller) sleep(ctx context.Context, in engine.Intake, l *look, pause time.Duration) error {
	for until := time.Now().Add(pause); ; {
		left := time.Until(until)
		if l.failures == 0 && !l.state.Gone && l.state.NotBefore == 0 {
			if !engine.Wait(ctx, left) { // It does not rest, it is only not due.
				return ctx.Err()
			}
			return nil
		}
		if !engine.Wait(ctx, min(left, wakeEvery)) {
			return ctx.Err()
		}
		if left <= wakeEvery {
			return nil
		}
		if woken, err := p.woken(ctx, in, l); err != nil || woken {
			return err
		}
	}
}

// woken reports whether the operator has said that the rests of the rule shall end, and ends this one's.
func (p *poller) woken(ctx context.Context, in engine.Intake, l *look) (bool, error) {
	word, err := in.Position(ctx, engine.WakeStream(p.setup.Rule))
	if err != nil || word == l.state.Woken {
		return false, err
	}
	l.state.Woken, l.state.NotBefore, l.failures = word, 0, 0
	return true, nil
}

// store writes the state down if it has changed.
func (p *poller) store(ctx context.Context, in engine.Intake, l *look) error {
	if l.state == l.stored {
		return nil
	}
	if err := in.Advance(ctx, l.state.position(p.stream)); err != nil {
		return err
	}
	l.stored = l.state
	return nil
}
