package gate

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/nbd-wtf/go-nostr"

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
	ledger engine.Ledger
	clock  engine.Clock
	log    *slog.Logger

	mu      sync.Mutex
	windows map[string]*window
	// evicted counts how often windows were dropped: what was read before that may lack what was committed since.
	evicted int
	// since is from when what a rule may publish is counted: when it was last held for a flood, because then
	// somebody looked at it and let it go on.
	since map[string]time.Time
	// holding are the marks of budgets whose rules are being held.
	holding map[string]bool
	// publishing are the fingerprints of what is about to be committed.
	publishing map[string]bool
	// answers are the latest answers, and when they were committed.
	answers map[string]time.Time
}

func newFloods(l engine.Ledger, clock engine.Clock, log *slog.Logger) *floods {
	return &floods{
		ledger: l, clock: clock, log: log, windows: make(map[string]*window), since: make(map[string]time.Time),
		holding: make(map[string]bool), publishing: make(map[string]bool), answers: make(map[string]time.Time),
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

// budgets lists what the events of a signal are counted under. Reply says that they answer a word to the bot.
func (r *Rule) budgets(ctx context.Context, c *Candidate, events []nostr.Event, reply bool) ([]budget, error) {
	if reply {
		return []budget{{mark: floodMark("words", r.pubkey()), most: wordFlood(), n: len(events), strangers: true}}, nil
	}
	stands := known
	if c.standing != nil {
		stands = *c.standing
	}
	all := r.strangersBudgets(stands, len(events))
	if c.Event == nil {
		all = []budget{{mark: floodMark("rule", r.rule.Name), most: r.floodStop(), n: len(events), rules: []string{r.rule.Name}}}
		all[0].surge = r.rule.FloodStop == nil && !c.Planned
	}
	by := make(map[string]int)
	for _, e := range events {
		by[e.PubKey]++
	}
	for _, pubkey := range slices.Sorted(maps.Keys(by)) {
		b := budget{mark: floodMark("identity", pubkey), most: engine.DefaultIdentityFlood(), n: by[pubkey], strangers: c.Event != nil}
		id, ok, err := r.gates.opts.Identities.Find(ctx, pubkey)
		if err != nil {
			return nil, err
		}
		if ok && id.FloodStop != nil {
			b.most = id.FloodStop
		}
		b.rules = r.gates.speaking[pubkey]
		if !slices.Contains(b.rules, r.rule.Name) {
			b.rules = append(slices.Clone(b.rules), r.rule.Name)
		}
		all = append(all, b)
	}
	return all, nil
}

// floodStop is the most that the rule may publish.
func (r *Rule) floodStop() []engine.Rate {
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
func (r *Rule) strangersBudgets(stands Standing, n int) []budget {
	half := r.identity.FloodStop
	if half == nil {
		half = engine.DefaultIdentityFlood()
	}
	half = scaled(half, func(n int) int { return (n + 1) / 2 })
	return []budget{
		{mark: floodMark("rule", r.rule.Name), most: stands.share(r.floodStop()), n: n, strangers: true},
		{mark: floodMark("strangers", r.pubkey()), most: stands.share(half), n: n, strangers: true},
	}
}

// full says why nothing more may be published for authors of a standing, "" when something may.
func (f *floods) full(ctx context.Context, r *Rule, stands Standing) (string, error) {
	over, err := f.look(ctx, r.rule.Name, r.strangersBudgets(stands, 1))
	if over == nil {
		return "", err
	}
	return over.reason, err
}

// look returns the first budget that would be exceeded, nil for none.
func (f *floods) look(ctx context.Context, rule string, budgets []budget) (over *excess, err error) {
	err = f.locked(ctx, rule, budgets, func(since time.Time) { over = f.over(budgets, since) })
	return over, err
}

// locked calls do under the lock when everything is known that the budgets of a rule are counted by. Nothing is read from
// the ledger under the lock.
func (f *floods) locked(ctx context.Context, rule string, budgets []budget, do func(since time.Time)) error {
	for {
		f.mu.Lock()
		since, known := f.since[rule]
		missing := slices.DeleteFunc(slices.Clone(budgets), func(b budget) bool { return f.windows[b.mark] != nil })
		if (known || rule == "") && len(missing) == 0 {
			defer f.mu.Unlock()
			do(since)
			return nil
		}
		evicted := f.evicted
		f.mu.Unlock()
		if err := f.learn(ctx, rule, missing, evicted); err != nil {
			return err
		}
	}
}

// learn reads what is not known from the ledger. What somebody else has read meanwhile is newer.
func (f *floods) learn(ctx context.Context, rule string, missing []budget, evicted int) error {
	since, err := f.readSince(ctx, rule)
	if err != nil {
		return err
	}
	read := make(map[string]*window, len(missing))
	for _, b := range missing {
		if read[b.mark], err = f.readWindow(ctx, b); err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, known := f.since[rule]; !known && rule != "" {
		f.since[rule] = since
	}
	if f.evicted != evicted {
		return nil // Read again.
	}
	for mark, w := range read {
		if f.windows[mark] == nil {
			f.windows[mark] = w
		}
	}
	return nil
}

// excess is a budget that would be exceeded.
type excess struct {
	budget
	reason string
	// since is from when it was counted.
	since time.Time
}

// over returns the first budget that would be exceeded, nil for none. The caller holds f.mu.
func (f *floods) over(budgets []budget, since time.Time) *excess {
	now := f.clock.Now()
	for _, b := range budgets {
		if reason := f.windows[b.mark].exceeded(b, since, now); reason != "" {
			return &excess{b, reason, since}
		}
	}
	return nil
}

// settle turns what was reserved into what counts from now on, or takes it back.
func (f *floods) settle(budgets []budget, prints []fingerprint, committed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.clock.Now()
	for _, b := range budgets {
		w := f.windows[b.mark]
		w.pending -= b.n
		if committed {
			w.add(now, b.n)
		}
	}
	for _, p := range prints {
		delete(f.publishing, p.mark)
		if committed {
			f.remember(p, now)
		}
	}
}

// readWindow reads the count under a mark.
func (f *floods) readWindow(ctx context.Context, b budget) (*window, error) {
	w := &window{}
	for _, rate := range b.most {
		w.memory = max(w.memory, rate.Per)
	}
	if b.surge {
		w.memory = max(w.memory, surgeMemory)
	}
	var err error
	now := f.clock.Now()
	if w.times, err = counted(ctx, f.ledger, b.mark, now.Add(-w.memory), now); err != nil {
		return nil, fmt.Errorf("counting %s: %w", b.mark, err)
	}
	return w, nil
}

// maxWindows is how many counts are kept: strangers may cause one for each derived identity.
const maxWindows = 4096

// evict drops counts of which nothing is on its way: they are read again when they are needed. The caller holds f.mu.
func (f *floods) evict() {
	if len(f.windows) >= maxWindows {
		f.evicted++
		maps.DeleteFunc(f.windows, func(_ string, w *window) bool { return w.pending == 0 })
	}
}

// sinceStream names the position that says when a rule was last held for a flood.
func sinceStream(rule string) string { return "flood/" + rule }

func (f *floods) readSince(ctx context.Context, rule string) (time.Time, error) {
	if rule == "" {
		return time.Time{}, nil
	}
	text, err := f.ledger.Position(ctx, sinceStream(rule))
	if err != nil {
		return time.Time{}, fmt.Errorf("looking up the last flood: %w", err)
	}
	since, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}, nil // There was none.
	}
	return since, nil
}

// hold holds the rules of a budget and says so, once. What came before does not count once they go on.
func (f *floods) hold(ctx context.Context, rule string, over *excess, now time.Time) {
	b, reason := over.budget, over.reason
	f.mu.Lock()
	holding := f.holding[b.mark] || f.since[rule].After(over.since)
	f.holding[b.mark] = true
	f.mu.Unlock()
	if holding {
		return
	}
	for _, rule := range b.rules {
		f.store(ctx, engine.Hold{Since: now, Reason: reason}.Position(rule))
		f.store(ctx, engine.Position{Stream: sinceStream(rule), Value: now.UTC().Format(time.RFC3339Nano)})
	}
	// From here on nothing before counts, and whoever sees that looks for the hold again.
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.holding, b.mark)
	for _, rule := range b.rules {
		f.since[rule] = now
	}
	f.log.Error("held", "rules", b.rules, "reason", reason,
		"do", "see what it published with rhea history, take it back with rhea undo, go on with rhea resume")
}

// store stores a position. A hold that is lost in a crash is found again by the next event.
func (f *floods) store(ctx context.Context, p engine.Position) {
	if err := f.ledger.Advance(ctx, p); err != nil {
		f.log.Error("cannot store a hold", "position", p.Stream, "error", err)
	}
}
