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
	// gather is how long legs that come together wait for each other.
	gather = 10 * time.Millisecond
	// handover bounds how long old groups outlive the new ones that replace them.
	handover = 20 * time.Second
)

// planner lets the legs of one session share subscriptions. Legs that join get groups of their own; when those
// become too many for the relay, all legs are planned anew.
type planner struct {
	ctx     context.Context
	session *session
	recent  *recent
	log     *slog.Logger
	wake    chan struct{}
	// refused has an entry when the relay has begun to refuse a leg.
	refused chan struct{}
	running sync.WaitGroup

	mu      sync.Mutex
	waiting map[*leg]bool
	groups  map[*group]bool
	limits  limits
	// anew says that all legs are to be planned again.
	anew bool
	// asked is when the relay was last asked for its limits.
	asked time.Time
}

func newPlanner(ctx context.Context, s *session, r *recent) *planner {
	return &planner{
		ctx: ctx, session: s, recent: r, log: s.log, wake: make(chan struct{}, 1), refused: make(chan struct{}, 1),
		waiting: make(map[*leg]bool), groups: make(map[*group]bool), limits: usualLimits(),
	}
}

// join has a leg subscribed until it leaves.
func (p *planner) join(l *leg) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting[l] = true
	poke(p.wake)
}

// leave takes a leg out of everything that serves it. What the relay sends for it from now on is dropped.
func (p *planner) leave(l *leg) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.waiting, l)
	for _, g := range l.groups {
		delete(g.legs, l)
		if len(g.legs) == 0 {
			p.end(g)
		}
	}
	l.groups, l.refused = nil, refusal{}
	l.term.Add(1)
	l.rest()
}

// end lets a group go. The lock is held.
func (p *planner) end(g *group) {
	g.cancel()
	delete(p.groups, g)
	for l := range g.legs {
		l.groups = slices.DeleteFunc(l.groups, func(of *group) bool { return of == g })
	}
}

// run plans until its context ends.
func (p *planner) run() {
	defer p.running.Wait()
	p.running.Go(p.remind)
	for {
		select {
		case <-p.wake:
		case <-p.ctx.Done():
			return
		}
		if !engine.Wait(p.ctx, gather) {
			return
		}
		if old, fresh := p.replan(); len(old) > 0 {
			p.running.Go(func() { p.replace(old, fresh) })
		}
	}
}

// replan makes groups for the legs that wait, or for all.
func (p *planner) replan() (old, fresh []*group) {
	p.mu.Lock()
	defer p.mu.Unlock()
	legs := maps.Clone(p.waiting)
	clear(p.waiting)
	room := p.limits.standing()
	bundles := plan(legs, p.limits, room)
	if len(legs) > 0 && len(p.groups) > 0 && len(p.groups)+len(bundles) > room {
		p.anew = true
	}
	if p.anew {
		for g := range p.groups {
			old = append(old, g)
			for l := range g.legs {
				legs[l] = true
			}
		}
		bundles = plan(legs, p.limits, room)
		p.anew = false
		if len(old)+len(bundles) > p.limits.subscriptions || p.session.isDown() {
			// No room for both: the gap is read from the position.
			for _, g := range old {
				p.end(g)
			}
			old = nil
		}
	}
	for _, b := range bundles {
		fresh = append(fresh, p.group(b.legs, b))
	}
	if len(p.groups) > room/2 && time.Since(p.asked) > hintsAge {
		p.asked = time.Now()
		p.running.Go(p.ask)
	}
	return old, fresh
}

// group starts a group of legs, merged as in a bundle. The lock is held.
func (p *planner) group(legs []*leg, like *bundle) *group {
	g := &group{
		planner: p, loosely: like.loosely, values: like.values, legs: make(map[*leg]bool, len(legs)), stood: make(chan struct{}),
	}
	for _, l := range legs {
		g.legs[l] = true
		l.groups = append(l.groups, g)
	}
	g.ctx, g.cancel = context.WithCancel(p.ctx)
	p.groups[g] = true
	p.running.Go(func() { g.run(g.ctx) })
	return g
}

// replace lets old groups go when the new ones stand.
func (p *planner) replace(old, fresh []*group) {
	late := time.NewTimer(handover)
	defer late.Stop()
wait:
	for _, g := range fresh {
		select {
		case <-g.stood:
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
		p.end(g)
	}
}

// divide gives each half of a group's legs a group of its own, to find out which of them the relay refuses. False
// means that the group cannot be divided, and that a single leg is refused.
func (p *planner) divide(g *group) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(g.legs) == 1 {
		for l := range g.legs {
			l.alone = true
		}
	}
	if len(g.legs) < 2 || len(p.groups) >= p.limits.standing() || !p.groups[g] {
		return false
	}
	legs := slices.SortedFunc(maps.Keys(g.legs), func(a, b *leg) int { return cmp.Compare(a.stream, b.stream) })
	p.end(g)
	like := &bundle{loosely: g.loosely, values: g.values}
	p.group(legs[:len(legs)/2], like)
	p.group(legs[len(legs)/2:], like)
	return true
}

// tooMany notes that the relay bears fewer subscriptions than stand, and plans all legs anew if fewer will do.
func (p *planner) tooMany() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.groups) < 2 {
		return false
	}
	p.limits.subscriptions = len(p.groups) - 1 + spares
	if len(plan(p.all(), p.limits, p.limits.standing())) >= len(p.groups) {
		return false
	}
	p.anew = true
	poke(p.wake)
	return true
}

// legs returns the legs of a group.
func (p *planner) legs(g *group) []*leg {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Collect(maps.Keys(g.legs))
}
