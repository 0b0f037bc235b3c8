package bot

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"rhea/engine"
)

// A rule that has been at work for a day and suddenly publishes far more in an hour than in its busiest hour before
// is held, whatever its budget. What is never suspicious lets a burst of answers pass.
const (
	surgeFactor     = 8
	surgeIgnored    = 250
	surgeExperience = 24 * time.Hour
	surgeMemory     = 14 * 24 * time.Hour
)

// floods counts what is published. It reads each count from the ledger once and then keeps it: one process writes
// a ledger.
type floods struct {
	engine *Bot

	mu     sync.Mutex
	meters map[string]*meter
	// since is from when what a rule may publish is counted: when it was last held for a flood, because then
	// somebody looked at it and let it go on.
	since map[string]time.Time
	// saying are the texts that are about to be committed.
	saying map[string]bool
	// answers are the latest answers, and when they were committed.
	answers map[string]time.Time
}

func newFloods(e *Bot) *floods {
	return &floods{
		engine: e, meters: make(map[string]*meter), since: make(map[string]time.Time), saying: make(map[string]bool),
		answers: make(map[string]time.Time),
	}
}

// budget is one mark with how much it may count.
type budget struct {
	mark  string
	most  []engine.Rate
	surge bool
	n     int
	// strangers says that the signal came from one: what would exceed the budget is turned down, and nothing is held.
	strangers bool
	// rules are to be held when it is exceeded.
	rules []string
}

// floodMark is what a rule or an identity publishes is counted under.
func floodMark(what, name string) string { return "flood/" + what + "/" + name }

// budgets lists what the events of a signal are counted under.
func (r *runner) budgets(ctx context.Context, t *trial) ([]budget, error) {
	bot := r.identity.Signer.PublicKey()
	if t.steps != nil {
		return []budget{{mark: floodMark("words", bot), most: wordFlood(), n: len(t.events), strangers: true}}, nil
	}
	stands := known
	if t.stands != nil {
		stands = *t.stands
	}
	all := r.strangersBudgets(stands, len(t.events))
	if t.Event == nil {
		all = []budget{{mark: floodMark("rule", r.rule.Name), most: r.floodStop(), n: len(t.events), rules: []string{r.rule.Name}}}
		all[0].surge = r.rule.FloodStop == nil && !t.Planned
	}
	by := make(map[string]int)
	for _, e := range t.events {
		by[e.PubKey]++
	}
	for _, pubkey := range slices.Sorted(maps.Keys(by)) {
		b := budget{mark: floodMark("identity", pubkey), most: engine.DefaultIdentityFlood(), n: by[pubkey], strangers: t.Event != nil}
		id, ok, err := r.engine.Identities.Find(ctx, pubkey)
		if err != nil {
			return nil, err
		}
		if ok && id.FloodStop != nil {
			b.most = id.FloodStop
		}
		for _, other := range r.engine.runners {
			if other.speaksAs(pubkey) || other == r {
				b.rules = append(b.rules, other.rule.Name)
			}
		}
		all = append(all, b)
	}
	return all, nil
}

// floodStop is the most that the rule may publish.
func (r *runner) floodStop() []engine.Rate {
	if r.rule.FloodStop == nil {
		return engine.DefaultRuleFlood()
	}
	return r.rule.FloodStop
}

// wordFlood is how often an identity confirms that it was told to stop or to start. These notes count nowhere else.
func wordFlood() []engine.Rate {
	return []engine.Rate{{Count: 30, Per: 10 * time.Minute}, {Count: 300, Per: 24 * time.Hour}}
}

// strangersBudgets are what the events are counted under that an author sets off: those of the rule, and of all that
// strangers set off in the name of its identity, which is half of what it may publish.
func (r *runner) strangersBudgets(stands standing, n int) []budget {
	half := r.identity.FloodStop
	if half == nil {
		half = engine.DefaultIdentityFlood()
	}
	half = scaled(half, func(n int) int { return (n + 1) / 2 })
	return []budget{
		{mark: floodMark("rule", r.rule.Name), most: stands.share(r.floodStop()), n: n, strangers: true},
		{mark: floodMark("strangers", r.identity.Signer.PublicKey()), most: stands.share(half), n: n, strangers: true},
	}
}

// full says why nothing more may be published for authors of a standing, "" when something may.
func (f *floods) full(ctx context.Context, r *runner, stands standing) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	since, err := f.sinceOf(ctx, r.rule.Name)
	if err != nil {
		return "", err
	}
	over, err := f.over(ctx, r.strangersBudgets(stands, 1), since)
	if over == nil {
		return "", err
	}
	return over.reason, err
}

// excess is a budget that would be exceeded.
type excess struct {
	budget
	reason string
}

// over returns the first budget that would be exceeded, nil for none. The caller holds f.mu.
func (f *floods) over(ctx context.Context, budgets []budget, since time.Time) (*excess, error) {
	now := f.engine.Clock.Now()
	for _, b := range budgets {
		m, err := f.meter(ctx, b)
		if err != nil {
			return nil, err
		}
		if reason := m.exceeded(b, since, now); reason != "" {
			return &excess{b, reason}, nil
		}
	}
	return nil, nil
}

// speaksAs reports whether an action of the rule may sign as the identity.
func (r *runner) speaksAs(pubkey string) bool {
	if r.identity.Signer.PublicKey() == pubkey {
		return true
	}
	return slices.ContainsFunc(r.rule.Steps, func(s engine.Step) bool {
		id, named := r.engine.Identities.Named(s.Identity)
		return named && id.Signer.PublicKey() == pubkey
	})
}

// reserve is the last gate before the commit: it counts the events of the signal, or stops the signal because they
// would be a flood or a repetition. The caller says with done whether they were committed.
func (f *floods) reserve(ctx context.Context, r *runner, t *trial) (done func(committed bool), err error) {
	nothing := func(bool) {}
	if t.Event != nil {
		if _, err := r.stands(ctx, t); err != nil {
			return nothing, err
		}
		t.count(r.limitMark("author", t.Event.PubKey)) // So that it is known that they were answered.
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.evict()
	// While this signal was on its way another one may have held the rule.
	if reason, err := r.held(ctx); err != nil || reason != "" {
		if err == nil {
			t.hold(reason)
		}
		return nothing, err
	}
	says, repeated, err := f.repeats(ctx, r, t)
	if err != nil || repeated != "" {
		t.turnDown("repeat", repeated)
		return nothing, err
	}
	since, err := f.sinceOf(ctx, r.rule.Name)
	if err != nil {
		return nothing, err
	}
	budgets, err := r.budgets(ctx, t)
	if err != nil {
		return nothing, err
	}
	over, err := f.over(ctx, budgets, since)
	if err != nil {
		return nothing, err
	}
	if over != nil {
		f.stop(ctx, r, t, over)
		return nothing, nil
	}
	if r.dry {
		return nothing, nil // What is not published does not count.
	}
	for _, b := range budgets {
		f.meters[b.mark].pending += b.n
		for range b.n {
			t.marks = append(t.marks, b.mark)
		}
	}
	for _, s := range says {
		f.saying[s.mark] = true
		if !s.answer {
			t.marks = append(t.marks, s.mark)
		}
	}
	return func(committed bool) { f.settle(budgets, says, committed) }, nil
}

// stop turns a signal down that would exceed a budget. What strangers set off slows down; all else is held. The caller
// holds f.mu.
func (f *floods) stop(ctx context.Context, r *runner, t *trial, over *excess) {
	switch {
	case t.steps != nil:
		t.turnDown("flood", t.decision.Reason+"; too many say so to be told that it was heard")
	case over.strangers:
		r.slowDown(ctx, t, "flood", over.reason)
	default:
		if !r.dry {
			f.hold(ctx, over.budget, over.reason, f.engine.Clock.Now())
		}
		t.turnDown("flood", over.reason)
	}
}

// settle turns what was reserved into what counts from now on, or takes it back.
func (f *floods) settle(budgets []budget, says []saying, committed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.engine.Clock.Now()
	for _, b := range budgets {
		m := f.meters[b.mark]
		m.pending -= b.n
		if committed {
			m.add(now, b.n)
		}
	}
	for _, s := range says {
		delete(f.saying, s.mark)
		if committed {
			f.remember(s, now)
		}
	}
}

// meter returns the count under a mark, from the ledger the first time.
func (f *floods) meter(ctx context.Context, b budget) (*meter, error) {
	if m := f.meters[b.mark]; m != nil {
		return m, nil
	}
	m := &meter{}
	for _, rate := range b.most {
		m.memory = max(m.memory, rate.Per)
	}
	if b.surge {
		m.memory = max(m.memory, surgeMemory)
	}
	var err error
	now := f.engine.Clock.Now()
	if m.times, err = counted(ctx, f.engine.Ledger, b.mark, now.Add(-m.memory), now); err != nil {
		return nil, fmt.Errorf("counting %s: %w", b.mark, err)
	}
	f.meters[b.mark] = m
	return m, nil
}

// maxMeters is how many counts are kept: strangers may cause one for each derived identity.
const maxMeters = 4096

// evict drops counts of which nothing is on its way: they are read again when they are needed. The caller holds f.mu.
func (f *floods) evict() {
	if len(f.meters) >= maxMeters {
		maps.DeleteFunc(f.meters, func(_ string, m *meter) bool { return m.pending == 0 })
	}
}

// sinceStream names the position that says when a rule was last held for a flood.
func sinceStream(rule string) string { return "flood/" + rule }

func (f *floods) sinceOf(ctx context.Context, rule string) (time.Time, error) {
	if since, ok := f.since[rule]; ok {
		return since, nil
	}
	text, err := f.engine.Ledger.Position(ctx, sinceStream(rule))
	if err != nil {
		return time.Time{}, fmt.Errorf("looking up the last flood: %w", err)
	}
	since, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		since = time.Time{} // There was none.
	}
	f.since[rule] = since
	return since, nil
}

// hold holds the rules of a budget and says so, once. What came before does not count once they go on.
func (f *floods) hold(ctx context.Context, b budget, reason string, now time.Time) {
	var positions []engine.Position
	for _, rule := range b.rules {
		f.since[rule] = now
		positions = append(positions, engine.Hold{Since: now, Reason: reason}.Position(rule),
			engine.Position{Stream: sinceStream(rule), Value: now.UTC().Format(time.RFC3339Nano)})
	}
	for _, p := range positions {
		// A hold that is lost in a crash is found again by the next event.
		if err := f.engine.Ledger.Advance(ctx, p); err != nil {
			f.engine.Log.Error("cannot store a hold", "position", p.Stream, "error", err)
		}
	}
	f.engine.Log.Error("held", "rules", b.rules, "reason", reason,
		"do", "see what it published with rhea history, take it back with rhea undo, go on with rhea resume")
}

// turnDown stops a signal that the actions have answered already.
func (t *trial) turnDown(gate, reason string) {
	if reason == "" {
		return
	}
	t.decision.Gates = append(t.decision.Gates, engine.Verdict{Gate: gate, Detail: reason})
	t.stop(engine.RateLimited, reason)
}
