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

// Refusals are gathered for a moment and logged as a warning, as an error after firstReminder, and then again after
// pauses that grow from secondReminder to lastReminder.
const (
	gatherRefusals, firstReminder = 2 * time.Second, time.Minute
	secondReminder, lastReminder  = 5 * time.Minute, 6 * time.Hour
)

// Refused is a query that a relay does not serve: no events of it come from there.
type Refused struct {
	// Query is its stream.
	Query string
	// Reason is the text of the relay, and Since when that began.
	Reason string
	Since  time.Time
}

// refusal is the state of a subscriber that the relay does not serve; the zero value means that it serves it.
type refusal struct {
	reason string
	since  time.Time
	logged bool
}

// markRefused notes that the relay does not serve the subscribers of a group.
func (p *planner) markRefused(g *group, reason string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.groups[g] {
		return // Other groups serve its subscribers now.
	}
	for sub := range g.subscribers {
		if sub.refusal.since.IsZero() {
			sub.refusal.since = time.Now()
			notify(p.newRefusal)
		}
		sub.refusal.reason = clip(reason)
	}
}

// markServed notes that the relay serves the subscribers of a group.
func (p *planner) markServed(g *group) {
	logged := false
	p.mu.Lock()
	for sub := range g.subscribers {
		logged = logged || sub.refusal.logged
		sub.refusal, sub.suspect = refusal{}, false
	}
	p.mu.Unlock()
	if logged {
		p.log.Info("subscription stands again")
	}
}

// allSubscribers returns the subscribers of the session. The lock is held.
func (p *planner) allSubscribers() map[*subscriber]bool {
	subscribers := maps.Clone(p.joining)
	for g := range p.groups {
		maps.Copy(subscribers, g.subscribers)
	}
	return subscribers
}

// queryStatus returns how many queries the session has, and those of them that the relay refuses, also in part.
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

// logRefusals logs what the relay refuses, again and again while it does, until the context of the planner ends.
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

// logRefused logs the refused queries, a line for each reason. False means that there is none.
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
	if !p.session.isDown() { // connLog reports that.
		for _, reason := range slices.Sorted(maps.Keys(reasons)) {
			p.log.Log(p.ctx, level, "subscription refused", "reason", reason, "queries", summary(reasons[reason]), "since", since)
		}
	}
	return len(reasons) > 0
}

// summary names each query once, and only the first of many.
func summary(streams []string) string {
	slices.Sort(streams)
	streams = slices.Compact(streams)
	if more := len(streams) - 3; more > 0 {
		streams = append(streams[:3:3], strconv.Itoa(more)+" more")
	}
	return strings.Join(streams, ", ")
}
