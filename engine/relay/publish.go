package relay

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

var (
	_ engine.Waiter    = (*Network)(nil)
	_ engine.Pipeliner = (*Network)(nil)
)

// Publish sends an event to a relay as its author and returns the verdict of the relay, as engine.Publisher defines it:
// nil for accepted and duplicate, a *engine.Rejection for a final no, a *engine.Later for rate-limited, a
// *engine.Refusal for a no without a known reason, a *engine.Unreachable when nothing was sent, any other error when
// the outcome is unknown and the same event may be sent again.
func (n *Network) Publish(ctx context.Context, relay string, event nostr.Event) error {
	return n.Pipeline(ctx, relay, event, func() {})
}

// Pipeline is Publish and calls sent when the event has its place among what is written to the relay.
func (n *Network) Pipeline(ctx context.Context, relay string, event nostr.Event, sent func()) error {
	if err := n.enter(); err != nil {
		return err
	}
	defer n.running.Done()
	ctx, cancel := n.within(ctx)
	defer cancel()
	url, err := Normalize(relay)
	if err != nil {
		return &engine.Rejection{Reason: err.Error()}
	}
	lease := n.lease(url, event.PubKey)
	defer lease.release()
	verdict, err := lease.publish(ctx, event, sent)
	if away, ok := errors.AsType[*engine.Unreachable](err); ok {
		return away
	}
	if no, ok := errors.AsType[*unprovenError](err); ok {
		return unproven(verdict, no.err)
	}
	if err != nil {
		return fmt.Errorf("publish to %s: %w", url, err)
	}
	return judge(lease.session.explain(ctx, verdict, &event))
}

// publish sends an event, and authenticates when the relay asks for it.
func (s *lease) publish(ctx context.Context, event nostr.Event, sent func()) (answer, error) {
	for {
		l, err := s.session.linkSoon(ctx)
		if err != nil {
			return answer{}, &engine.Unreachable{Err: err}
		}
		before := l.answeredChallenge()
		a, err := l.sendEvent(ctx, "EVENT", event, sent)
		if err != nil || a.ok || prefix(a.reason) != reasonAuthRequired {
			return a, err
		}
		if s.separate() {
			continue
		}
		err = s.session.authenticate(ctx, l, before)
		switch {
		case err == nil:
			return l.sendEvent(ctx, "EVENT", event, sent)
		case l.ctx.Err() == nil && ctx.Err() == nil:
			err = &unprovenError{err}
		}
		return a, err
	}
}

// unprovenError is why there is no authentication, where the connection is not the cause.
type unprovenError struct{ err error }

func (u *unprovenError) Error() string { return u.err.Error() }

// unproven is the error for an event that was refused because the authentication failed. It is final unless the cause
// may pass.
func unproven(a answer, err error) error {
	no, refused := errors.AsType[*engine.Rejection](err)
	switch {
	case refused:
		return &engine.Rejection{Code: engine.CodeAuthRequired, Reason: reasonAuthRequired + ": " + no.Reason}
	case errors.Is(err, errNoIdentity), errors.Is(err, errStillAsks), errors.Is(err, errNoChallenge):
		return &engine.Rejection{Code: engine.CodeAuthRequired, Reason: fmt.Sprintf("%s (%s)", a.text(), err)}
	}
	return &engine.Refusal{Reason: fmt.Sprintf("%s (%s)", a.text(), err)}
}

// judge maps an OK message to the errors of engine.Publisher.
func judge(a answer) error {
	if a.ok {
		return nil
	}
	no := &engine.Rejection{Code: a.code(), Reason: a.text(), PoW: a.pow, NotBefore: a.notBefore, NotAfter: a.notAfter}
	switch prefix(a.reason) {
	case reasonDuplicate:
		return nil
	case reasonRateLimited:
		return &engine.Later{After: 30*time.Second + rand.N(30*time.Second), Reason: a.text()}
	case reasonAuthRequired, reasonRestricted, reasonBlocked, reasonInvalid, reasonPow, reasonReplaced, reasonDeleted,
		reasonMute:
		return no
	}
	if no.Code == engine.CodeBadTimestamp {
		return no // Another try with the same date cannot help.
	}
	return &engine.Refusal{Reason: a.text()}
}

// Await returns when there is a connection with a relay as an identity.
func (n *Network) Await(ctx context.Context, relay, pubkey string) error {
	if err := n.enter(); err != nil {
		return err
	}
	defer n.running.Done()
	ctx, cancel := n.within(ctx)
	defer cancel()
	url, err := Normalize(relay)
	if err != nil {
		return err
	}
	lease := n.lease(url, pubkey)
	defer lease.release()
	_, err = lease.session.waitLink(ctx)
	return err
}
