package relay

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"rhea/engine"
)

const (
	// joinWindow is how long the planner waits for further subscribers before it plans. While manyJoin or more come in that
	// time it waits on, for joinLimit at most: each plan for more than the relay has room for ends all groups before it.
	joinWindow = 10 * time.Millisecond
	manyJoin   = 32
	joinLimit  = 500 * time.Millisecond
	// handoverLimit bounds how long old groups stay open beside the new ones that replace them.
	handoverLimit = 20 * time.Second
)

// planner lets the subscribers of one session share subscriptions. New subscribers get groups of their own. When these
// become too many for the relay, all subscribers are planned again.
type planner struct {
	ctx     context.Context
	session *session
	recent  *recent
	log     *slog.Logger
	wake    chan struct{}
	// newRefusal has an entry when the relay has begun to refuse a subscriber.
	newRefusal chan struct{}
	running    sync.WaitGroup

	mu      sync.Mutex
	joining map[*subscriber]bool
	groups  map[*group]bool
	// leaving are old groups that stay open until the ones that replace them have an answer.
	leaving map[*group]bool
	limits  limits
	// replanAll is true when all subscribers are to be planned again.
	replanAll bool
	// limitsAsked is when the relay was last asked for its limits.
	limitsAsked time.Time
}

func newPlanner(ctx context.Context, s *session, r *recent) *planner {
	return &planner{
		ctx: ctx, session: s, recent: r, log: s.log, wake: make(chan struct{}, 1), newRefusal: make(chan struct{}, 1),
		joining: make(map[*subscriber]bool), groups: make(map[*group]bool), leaving: make(map[*group]bool), limits: usualLimits(),
	}
}

// add subscribes for a subscriber until it is removed.
func (p *planner) add(sub *subscriber) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.joining[sub] = true
	notify(p.wake)
}

// remove takes a subscriber out of all its groups. What the relay still sends for it is dropped.
func (p *planner) remove(sub *subscriber) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.joining, sub)
	for _, g := range sub.groups {
		delete(g.subscribers, sub)
		if len(g.subscribers) == 0 {
			p.endGroup(g)
		}
	}
	sub.groups, sub.refusal = nil, refusal{}
	sub.epoch.Add(1)
	sub.detach()
}

// endGroup ends a group. The lock is held.
func (p *planner) endGroup(g *group) {
	g.cancel()
	delete(p.groups, g)
	delete(p.leaving, g)
	for sub := range g.subscribers {
		sub.groups = slices.DeleteFunc(sub.groups, func(of *group) bool { return of == g })
	}
}

// run plans until its context ends.
func (p *planner) run() {
	defer p.running.Wait()
	p.running.Go(p.logRefusals)
	for {
		select {
		case <-p.wake:
		case <-p.ctx.Done():
			return
		}
		if !p.waitForJoining() {
			return
		}
		if old, fresh := p.replan(); len(old) > 0 {
			p.running.Go(func() { p.replace(old, fresh) })
		}
	}
}

// waitForJoining waits until hardly any subscriber joins any more. False means that the planner has ended.
func (p *planner) waitForJoining() bool {
	before := 0
	for began := time.Now(); time.Since(began) < joinLimit; {
		if !engine.Wait(p.ctx, joinWindow) {
			return false
		}
		p.mu.Lock()
		joining := len(p.joining)
		p.mu.Unlock()
		if joining-before < manyJoin {
			return true
		}
		before = joining
	}
	return true
}

// replan makes groups for the subscribers that have joined, or for all.
func (p *planner) replan() (old, fresh []*group) {
	p.mu.Lock()
	defer p.mu.Unlock()
	subscribers := maps.Clone(p.joining)
	clear(p.joining)
	room := p.limits.maxStanding()
	bundles := plan(subscribers, p.limits, room)
	if len(subscribers) > 0 && len(p.groups) > 0 && len(p.groups)+len(bundles) > room {
		p.replanAll = true
	}
	if p.replanAll {
		maps.Copy(subscribers, p.allSubscribers())
		maps.Copy(p.leaving, p.groups)
		clear(p.groups)
		old = slices.Collect(maps.Keys(p.leaving))
		bundles = plan(subscribers, p.limits, room)
		p.replanAll = false
		if len(old)+len(bundles) > p.limits.subscriptions || p.session.isDown() {
			// There is no room for both. The new groups read the gap from the position.
			for _, g := range old {
				p.endGroup(g)
			}
			old = nil
		}
	}
	for _, b := range bundles {
		fresh = append(fresh, p.startGroup(b.subscribers, b))
	}
	if len(p.groups) > room/2 && time.Since(p.limitsAsked) > hintsAge {
		p.limitsAsked = time.Now()
		p.running.Go(p.fetchLimits)
	}
	return old, fresh
}

// startGroup starts a group of subscribers, merged as in a bundle. The lock is held.
func (p *planner) startGroup(subscribers []*subscriber, like *bundle) *group {
	g := &group{
		planner: p, widen: like.widen, values: like.values, subscribers: make(map[*subscriber]bool, len(subscribers)), answered: make(chan struct{}),
	}
	for _, sub := range subscribers {
		g.subscribers[sub] = true
		sub.groups = append(sub.groups, g)
	}
	g.ctx, g.cancel = context.WithCancel(p.ctx)
	p.groups[g] = true
	p.running.Go(func() { g.run(g.ctx) })
	return g
}

// replace ends old groups when the new ones have an answer.
func (p *planner) replace(old, fresh []*group) {
	late := time.NewTimer(handoverLimit)
	defer late.Stop()
wait:
	for _, g := range fresh {
		select {
		case <-g.answered:
		case <-g.ctx.Done():
		case <-late.C:
			break wait
		case <-p.ctx.Done():
			return
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, g := range old {
		p.endGroup(g)
	}
}

// split gives each half of the subscribers of a group a group of its own, to find out which of them the relay refuses.
// False means that the group cannot be divided, and that a single subscriber is refused.
func (p *planner) split(g *group) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(g.subscribers) == 1 {
		for sub := range g.subscribers {
			sub.isolated = true
		}
	}
	if len(g.subscribers) < 2 || !p.groups[g] {
		return false
	}
	if len(p.groups) >= p.limits.maxStanding() {
		return p.makeRoom(g)
	}
	subscribers := slices.SortedFunc(maps.Keys(g.subscribers), func(a, b *subscriber) int { return cmp.Compare(a.stream, b.stream) })
	p.endGroup(g)
	like := &bundle{widen: g.widen, values: g.values}
	p.startGroup(subscribers[:len(subscribers)/2], like)
	p.startGroup(subscribers[len(subscribers)/2:], like)
	return true
}

// makeRoom plans all subscribers again, those of a refused group apart from the others, if that leaves room to divide it.
// The lock is held.
func (p *planner) makeRoom(g *group) bool {
	for sub := range g.subscribers {
		sub.suspect = true
	}
	if len(plan(p.allSubscribers(), p.limits, p.limits.maxStanding()-1)) >= len(p.groups) {
		return false
	}
	maps.Copy(p.joining, g.subscribers)
	p.endGroup(g)
	p.replanAll = true
	notify(p.wake)
	return true
}

// tooMany notes that the relay accepts fewer subscriptions than are open, and plans all subscribers again if fewer
// subscriptions suffice. False means that they do not.
func (p *planner) tooMany(g *group) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case len(p.leaving) > 0 || !p.groups[g]:
		return true // Room comes when these have left.
	case len(p.groups) < 2:
		return false
	}
	p.limits.subscriptions = min(p.limits.subscriptions, len(p.groups)-1+spares)
	if len(plan(p.allSubscribers(), p.limits, p.limits.maxStanding())) >= len(p.groups) {
		return false
	}
	p.replanAll = true
	notify(p.wake)
	return true
}

// subscribersOf returns the subscribers of a group.
func (p *planner) subscribersOf(g *group) []*subscriber {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Collect(maps.Keys(g.subscribers))
}
