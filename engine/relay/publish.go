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

var _ engine.Beacon = (*Network)(nil)

// Publish sends an event to a relay as its author and returns the relay's verdict with the meaning that
// engine.Publisher gives it: nil for accepted and duplicate, a *engine.Rejection for a final no, a *engine.Later
// for rate-limited, a *engine.Refusal for a no without a known reason, a *engine.Unreachable when nothing was sent, any
// other error when the outcome is unknown and the same event may be sent again.
func (n *Network) Publish(ctx context.Context, relay string, event nostr.Event) error {
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
	s := n.acquire(url, event.PubKey)
	defer n.release(s)
	l, err := s.soon(ctx)
	if err != nil {
		return &engine.Unreachable{Err: err}
	}
	before := l.authedBy()
	verdict, err := l.ask(ctx, "EVENT", event)
	if err == nil && !verdict.ok && prefix(verdict.reason) == reasonAuthRequired {
		err = s.authenticate(ctx, l, before)
		if err != nil && l.ctx.Err() == nil && ctx.Err() == nil {
			return unproven(verdict, err)
		}
		if err == nil {
			verdict, err = l.ask(ctx, "EVENT", event)
		}
	}
	if err != nil {
		return fmt.Errorf("publish to %s: %w", url, err)
	}
	return judge(s.explain(ctx, verdict, &event))
}

// unproven is a no to an event for want of an authentication that could not be had. It is final unless the fault may pass.
func unproven(a answer, err error) error {
	no, refused := errors.AsType[*engine.Rejection](err)
	switch {
	case refused:
		return &engine.Rejection{Reason: reasonAuthRequired + ": " + no.Reason}
	case errors.Is(err, errNoIdentity), errors.Is(err, errStillAsks), errors.Is(err, errNoChallenge):
		return &engine.Rejection{Reason: fmt.Sprintf("%s (%s)", a.said(), err)}
	}
	return &engine.Refusal{Reason: fmt.Sprintf("%s (%s)", a.said(), err)}
}

// judge applies the table of OK messages.
func judge(a answer) error {
	if a.ok {
		return nil
	}
	switch prefix(a.reason) {
	case reasonDuplicate:
		return nil
	case reasonRateLimited:
		return &engine.Later{After: 30*time.Second + rand.N(30*time.Second), Reason: a.said()}
	case reasonAuthRequired, reasonRestricted, reasonBlocked, reasonInvalid, reasonPow, reasonReplaced, reasonDeleted,
		reasonMute:
		return &engine.Rejection{Reason: a.said()}
	default:
		return &engine.Refusal{Reason: a.said()}
	}
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
	s := n.acquire(url, pubkey)
	defer n.release(s)
	_, err = s.wait(ctx)
	return err
}
