package relay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

const (
	challengeDeadline = 5 * time.Second
	answerDeadline    = 10 * time.Second
	maxChallenge      = 1024
)

var (
	errNoIdentity  = errors.New("the relay asks for authentication and no identity is set to answer")
	errNoChallenge = errors.New("the relay asks for authentication but sends no challenge")
	errStillAsks   = errors.New("the relay asks for authentication after it has taken it")
)

// authentication is the state of NIP-42 on one link. The lock of the link guards the challenge.
type authentication struct {
	challenge string
	// known is closed when the first challenge has arrived.
	known chan struct{}
	// token holds one token: a link runs one authentication at a time.
	token chan struct{}
	// answered is the last challenge that was answered with success.
	answered string
}

func newAuthentication() authentication {
	a := authentication{known: make(chan struct{}), token: make(chan struct{}, 1)}
	a.token <- struct{}{}
	return a
}

// setChallenge stores the last challenge. It is answered only when the relay refuses something with auth-required.
func (l *link) setChallenge(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if text == "" || len(text) > maxChallenge {
		return
	}
	if l.auth.challenge == "" {
		close(l.auth.known)
	}
	l.auth.challenge = text
}

// answeredChallenge returns the challenge that has been answered, "" for none.
func (l *link) answeredChallenge() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.auth.answered
}

// authenticate answers the challenge of the relay. before is the value of answeredChallenge when the refused message
// was sent: if it has changed since, another message has already caused an authentication.
func (l *link) authenticate(ctx context.Context, url string, signer engine.Signer, before string) error {
	if signer == nil {
		return errNoIdentity
	}
	select {
	case <-l.auth.token:
	case <-l.ctx.Done():
		return context.Cause(l.ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { l.auth.token <- struct{}{} }()
	if l.answeredChallenge() != before {
		return nil
	}
	challenge, err := l.challenge(ctx)
	if err != nil {
		return err
	}
	if challenge == before {
		return errStillAsks
	}
	event := nostr.Event{
		Kind:      nostr.KindClientAuthentication,
		CreatedAt: nostr.Now(),
		Tags:      nostr.Tags{{"relay", url}, {"challenge", challenge}},
	}
	if err := signer.Sign(ctx, &event); err != nil {
		return fmt.Errorf("sign the authentication: %w", err)
	}
	verdict, err := l.sendEvent(ctx, "AUTH", event, func() {})
	if err != nil {
		return fmt.Errorf("authentication: %w", err)
	}
	if !verdict.ok {
		return &engine.Rejection{Reason: "authentication refused: " + clip(verdict.reason)}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.auth.answered = challenge
	return nil
}

// challenge returns the last challenge. It waits up to challengeDeadline for the first one.
func (l *link) challenge(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, challengeDeadline, errNoChallenge)
	defer cancel()
	select {
	case <-l.auth.known:
	case <-l.ctx.Done():
		return "", context.Cause(l.ctx)
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.auth.challenge, nil
}
