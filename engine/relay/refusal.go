package relay

import (
	"cmp"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"rhea/engine"
)

// Refusals are gathered for a moment, told as a warning, as an error when they have lasted for firstReminder, and again
// after pauses that grow from secondReminder to lastReminder.
const (
	gatherRefusals, firstReminder = 2 * time.Second, time.Minute
	secondReminder, lastReminder  = 5 * time.Minute, 6 * time.Hour
)

// Refused is a query that a relay does not serve: nothing is heard of it there.
type Refused struct {
	// Query is its stream.
	Query string
	// Reason is what the relay said, and Since when that began.
	Reason string
	Since  time.Time
}

// refusal is the state of a leg that the relay does not serve; the zero value is that of one it serves.
type refusal struct {
	reason string
	since  time.Time
	logged bool
}

// refuse notes that the relay does not serve the legs of a group.
func (p *planner) markRefused(g *group, reason string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.groups[g] {
		return // Others serve its legs now.
	}
	for sub := range g.subscribers {
		if sub.refusal.since.IsZero() {
			sub.refusal.since = time.Now()
			notify(p.newRefusal)
		}
		sub.refusal.reason = clip(reason)
	}
}

// serve notes that the relay serves the legs of a group.
func (p *planner) markServed(g *group) {
	told := false
	p.mu.Lock()
	for sub := range g.subscribers {
		told = told || sub.refusal.logged
		sub.refusal = refusal{}
	}
	p.mu.Unlock()
	if told {
		p.log.Info("subscription stands again")
	}
}

// allSubscribers returns the legs that the session is to serve. The lock is held.
func (p *planner) allSubscribers() map[*subscriber]bool {
	subscribers := maps.Clone(p.joining)
	for g := range p.groups {
		maps.Copy(subscribers, g.subscribers)
	}
	return subscribers
}

// queryStatus returns how many queries the session is to serve, and those of them that the relay refuses, also in part.
func (p *planner) queryStatus() (queries int, refused []Refused) {
	p.mu.Lock()
	defer p.mu.Unlock()
	names := make(map[string]refusal)
	for sub := range p.allSubscribers() {
		r, first := sub.refusal, names[sub.name]
		if first.since.IsZero() || !r.since.IsZero() && r.since.Before(first.since) {
			first = r
		}
		names[sub.name] = first
	}
	for name, r := range names {
		if !r.since.IsZero() {
			refused = append(refused, Refused{name, r.reason, r.since})
		}
	}
	slices.SortFunc(refused, func(a, b Refused) int { return cmp.Compare(a.Query, b.Query) })
	return len(names), refused
}

// remind logs what the relay refuses for as long as it does, until the planner's context ends.
func (p *planner) logRefusals() {
	for {
		select {
		case <-p.newRefusal:
		case <-p.ctx.Done():
			return
		}
		if !engine.Wait(p.ctx, gatherRefusals) || !p.logRefused(slog.LevelWarn) {
			continue
		}
		later := engine.Backoff{First: secondReminder, Last: lastReminder}
		for pause := firstReminder; engine.Wait(p.ctx, pause) && p.logRefused(slog.LevelError); {
			pause = later.Next()
		}
	}
}

// tellRefused logs the queries that are refused, a line for each reason. False means that none is.
func (p *planner) logRefused(level slog.Level) bool {
	reasons := make(map[string][]string)
	since := time.Now()
	p.mu.Lock()
	for sub := range p.allSubscribers() {
		if r := &sub.refusal; !r.since.IsZero() {
			reasons[r.reason] = append(reasons[r.reason], sub.name)
			r.logged = true
			if r.since.Before(since) {
				since = r.since
			}
		}
	}
	p.mu.Unlock()
	if !p.session.isDown() { // That is told elsewhere.
		for _, reason := range slices.Sorted(maps.Keys(reasons)) {
			p.log.Log(p.ctx, level, "subscription refused", "reason", reason, "queries", summary(reasons[reason]), "since", since)
		}
	}
	return len(reasons) > 0
}

// brief names each query once, the first of many.
func summary(streams []string) string {
	slices.Sort(streams)
	streams = slices.Compact(streams)
	if more := len(streams) - 3; more > 0 {
		streams = append(streams[:3:3], strconv.Itoa(more)+" more")
	}
	return strings.Join(streams, ", ")
}
