package relay

import (
	"context"
	"sync"
	"time"

	"rhea/engine"
)

// openStagger is how long the next subscription of a link waits for an answer to the one before.
const openStagger = 200 * time.Millisecond

// group keeps one subscription open for several subscribers of a relay. It subscribes again after every loss and
// refusal.
type group struct {
	planner *planner
	retry   retryPolicy
	ctx     context.Context
	cancel  context.CancelFunc
	// widen and values define how the filters of the subscribers are merged.
	widen  bool
	values int
	// answered is closed when the first answer is there, whatever it is.
	answered chan struct{}
	once     sync.Once

	// The lock of the planner guards the subscribers.
	subscribers map[*subscriber]bool
}

// ending is how a subscription ended: the link was lost, EOSE did not come, the relay had forgotten it, or the relay
// closed it with a reason, which may be empty.
type ending struct {
	lost, quiet, forgotten, closed bool
	reason                         string
	// hadEvents is true when the subscription brought events.
	hadEvents bool
	// answeredChallenge is the challenge that had been answered when the subscription was sent.
	answeredChallenge string
}

// run keeps the group subscribed until ctx ends.
func (g *group) run(ctx context.Context) {
	for {
		link, err := g.planner.session.waitLink(ctx)
		if err != nil {
			return
		}
		authed, start := link.answeredChallenge(), time.Now()
		end := g.listen(ctx, link)
		end.answeredChallenge = authed
		g.once.Do(func() { close(g.answered) })
		if ctx.Err() != nil {
			return
		}
		if time.Since(start) >= stable {
			g.retry.reset()
		}
		if !engine.Wait(ctx, g.pauseAfter(ctx, link, end)) {
			return
		}
	}
}

// listen subscribes on the link and returns when the subscription is over.
func (g *group) listen(ctx context.Context, link *link) ending {
	select {
	case link.opening <- struct{}{}:
	case <-link.ctx.Done():
		return ending{lost: true}
	case <-ctx.Done():
		return ending{}
	}
	opened := sync.OnceFunc(func() { <-link.opening })
	defer opened()
	late := time.AfterFunc(openStagger, opened)
	defer late.Stop()

	s := g.planner.subscription(g, link)
	defer s.detach()
	filters, err := encode(s.filters)
	if err != nil {
		return ending{closed: true, reason: err.Error()}
	}
	before := link.notice.Load()
	id, err := link.subscribe(ctx, filters, s)
	if err != nil {
		return ending{lost: true}
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeDeadline)
		defer cancel()
		_ = link.unsubscribe(ctx, id) // Best effort: the relay may be gone.
	}()
	end := g.follow(ctx, link, s, opened)
	if now := link.notice.Load(); end.quiet && now != before {
		end.reason = *now
	}
	return end
}

// follow waits for the end of a subscription that the relay was asked for. It calls opened when all that is stored has come.
func (g *group) follow(ctx context.Context, link *link, s *subscription, opened func()) ending {
	deadline := g.retry.deadline()
	quiet := time.NewTimer(deadline)
	defer quiet.Stop()
	ctx, cancel := context.WithCancel(ctx)
	var following sync.WaitGroup
	defer following.Wait()
	defer cancel()
	var check <-chan time.Time
	var deferred <-chan struct{}
	spoke := false
	for eosed := s.eosed; ; {
		select {
		case <-ctx.Done():
			return ending{}
		case <-link.ctx.Done():
			return ending{lost: true}
		case end := <-s.ended:
			return end
		case <-eosed:
			eosed = nil
			quiet.Stop()
			opened()
			g.retry.noteEOSE()
			g.planner.markServed(g)
			if err := s.readOlder(ctx); err != nil {
				// The older part is still missing: ask for all of it again.
				return s.endingAfter(ctx, err)
			}
			s.caughtUp()
			deferred = s.deferred
			g.once.Do(func() { close(g.answered) })
			check = time.After(probePause())
		case <-s.activity:
			if eosed != nil {
				quiet.Reset(deadline)
			}
			if !spoke {
				spoke = true
				g.planner.markServed(g)
			}
		case <-deferred:
			s.startDeferred(ctx, &following)
		case <-check:
			if s.isForgotten(ctx) {
				return ending{forgotten: true}
			}
			check = time.After(probePause())
		case <-quiet.C:
			return ending{quiet: true, hadEvents: spoke}
		}
	}
}

// closeDeadline bounds how long a subscription waits to send its CLOSE.
const closeDeadline = 100 * time.Millisecond
