package relay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/coder/websocket"

	"rhea/engine"
)

const (
	connectDeadline = 15 * time.Second
	firstBackoff    = time.Second
	// sessionIdle is how long a session outlives its last lease.
	sessionIdle = 3 * time.Minute
	// wakeJitter spreads the tries of sessions that are woken together.
	wakeJitter = 2 * time.Second
)

// session keeps a connection to one relay for as long as it has a lease.
type session struct {
	url    string
	log    *slog.Logger
	client *http.Client
	signer func(pubkey string) engine.Signer
	// planner has the subscriptions.
	planner *planner
	connLog *connLog
	outage  *outage
	hints   hints
	// woken has an entry when the wait for the next try is no longer needed.
	woken chan struct{}

	// users counts the leases of each identity; the lock of the network guards it and retire.
	users  map[string]int
	retire *time.Timer
	stop   context.CancelFunc

	mu sync.Mutex
	// pubkey is the identity that the session belongs to, "" while it is shared.
	pubkey string
	link   *link
	// failure is why there is no link, and next when another try is due; both zero during the first try.
	failure error
	next    time.Time
	// failures counts the tries that failed since the session began.
	failures int
	trying   bool
	gap      string
	changed  chan struct{}
}

// run connects and reconnects until ctx ends.
func (s *session) run(ctx context.Context) {
	defer s.client.CloseIdleConnections() // It ends dials that were abandoned.
	defer s.outage.forget(s)
	b := s.outage.resume(s.url)
	own := b // The state from its own failures only.
	defer func() { s.outage.save(s.url, b) }()
	for ctx.Err() == nil {
		began := time.Now()
		s.update(func() { s.trying = true })
		conn, wait, err := s.dial(ctx)
		hungUp := false
		if err == nil {
			l := newLink(ctx, conn)
			s.update(func() { s.link, s.trying, s.failure = l, false, nil })
			s.outage.connected(s, l)
			s.connLog.connected()
			start := time.Now()
			err = l.run()
			began = time.Now()
			b.lost(began.Sub(start), l.useful.Load(), began)
			s.connLog.lost(began.Sub(start) >= stable)
			own, hungUp = b, l.hungUp.Load() && b.workedLately(began)
			s.outage.lost(s)
		} else {
			s.update(func() { s.failures++ })
		}
		if ctx.Err() != nil {
			s.update(func() { s.link, s.trying, s.failure = nil, false, errClosed })
			return
		}
		if hungUp {
			// The event is the likely cause; its sender waits before it tries again.
			wait = firstBackoff + rand.N(firstBackoff/2)
		} else {
			wait = max(wait, b.next(began, time.Now()))
		}
		s.connLog.disconnected(err, wait)
		s.update(func() { s.link, s.trying, s.failure, s.next = nil, false, err, time.Now().Add(wait) })
		if s.waitForRetry(ctx, wait) {
			b = own
			b.since = time.Time{}
		}
	}
}

// waitForRetry waits before the next try. True means that an outage of the network is over and the wait was cut short.
func (s *session) waitForRetry(ctx context.Context, wait time.Duration) (over bool) {
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return false
	case <-ctx.Done():
		return false
	case <-s.woken:
	}
	soon := rand.N(wakeJitter)
	s.update(func() { s.next = time.Now().Add(soon) })
	engine.Wait(ctx, soon)
	return true
}

func (s *session) update(apply func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	apply()
	close(s.changed)
	s.changed = make(chan struct{})
}

// dial makes a connection. On failure wait is the Retry-After of the relay.
func (s *session) dial(ctx context.Context) (conn *websocket.Conn, wait time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, connectDeadline)
	defer cancel()
	conn, resp, err := websocket.Dial(ctx, s.url, &websocket.DialOptions{
		HTTPClient: s.client,
		HTTPHeader: http.Header{"User-Agent": {"rhea"}},
	})
	if err == nil {
		return conn, 0, nil
	}
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close() // It is in memory.
	}
	s.outage.failed(s, resp != nil)
	if resp == nil || resp.StatusCode == http.StatusSwitchingProtocols {
		if cause, ok := errors.AsType[*url.Error](err); ok {
			err = cause.Err // Without the method and the URL.
		}
		return nil, 0, fmt.Errorf("connect: %w", err)
	}
	if location := resp.Header.Get("Location"); location != "" {
		return nil, 0, fmt.Errorf("connect: the relay redirects to %q; write that address instead", clip(engine.PublicRelay(location)))
	}
	if seconds, err := strconv.ParseInt(resp.Header.Get("Retry-After"), 10, 64); err == nil && seconds > 0 {
		wait = min(time.Duration(min(seconds, 1<<20))*time.Second, time.Hour)
	}
	return nil, wait, fmt.Errorf("connect: the relay answered %s", resp.Status)
}

// waitLink returns the link, waiting for as long as it takes.
func (s *session) waitLink(ctx context.Context) (*link, error) {
	return s.awaitLink(ctx, func(int, bool, time.Time) bool { return true })
}

// linkSoon returns the link if there is one, or if a try is running or due soon and succeeds.
func (s *session) linkSoon(ctx context.Context) (*link, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, connectDeadline, errors.New("the relay is not reachable"))
	defer cancel()
	before := -1
	return s.awaitLink(ctx, func(failures int, trying bool, next time.Time) bool {
		if before < 0 {
			before = failures
		}
		return failures == before && (trying || time.Until(next) < connectDeadline)
	})
}

// awaitLink waits for a link while patient returns true for the number of failed tries, whether a try is running, and
// when the next one is due.
func (s *session) awaitLink(ctx context.Context, patient func(failures int, trying bool, next time.Time) bool) (*link, error) {
	for {
		s.mu.Lock()
		l, failure, changed := s.link, s.failure, s.changed
		stay := patient(s.failures, s.trying || l != nil, s.next)
		s.mu.Unlock()
		switch {
		case l != nil && l.ctx.Err() == nil:
			return l, nil
		case failure != nil && (!stay || errors.Is(failure, errClosed)):
			return nil, failure
		}
		select {
		case <-changed:
		case <-ctx.Done():
			if failure != nil {
				return nil, fmt.Errorf("%w: %w", context.Cause(ctx), failure)
			}
			return nil, context.Cause(ctx)
		}
	}
}

// identity is the owner of the session, "" while it is shared.
func (s *session) identity() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pubkey
}

// isDown reports whether there is no connection now.
func (s *session) isDown() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.link == nil
}

// authenticate answers the link's challenge as the session's identity.
func (s *session) authenticate(ctx context.Context, l *link, before string) error {
	return l.authenticate(ctx, s.url, s.signer(s.identity()), before)
}
