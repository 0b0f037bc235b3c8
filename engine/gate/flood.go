package gate

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"rhea/engine"
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
	// holding are the counters of budgets whose rules are being held.
	holding map[string]bool
}

func newFloods(l engine.Ledger, clock engine.Clock, log *slog.Logger) *floods {
	return &floods{
		ledger: l, clock: clock, log: log, windows: make(map[string]*window), since: make(map[string]time.Time),
		holding: make(map[string]bool),
	}
}

// floodCounter is what a rule or an identity publishes is counted under.
func floodCounter(what, name string) string { return "flood/" + what + "/" + name }

// wordFlood is how often an identity confirms that it was told to stop or to start. These notes count nowhere else.
func wordFlood() []engine.Rate {
	return []engine.Rate{{Count: 30, Per: 10 * time.Minute}, {Count: 300, Per: 24 * time.Hour}}
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
		missing := slices.DeleteFunc(slices.Clone(budgets), func(b budget) bool { return f.windows[b.counter] != nil })
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
		if read[b.counter], err = f.readWindow(ctx, b); err != nil {
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
	for counter, w := range read {
		if f.windows[counter] == nil {
			f.windows[counter] = w
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
		if reason := f.windows[b.counter].exceeded(b, since, now); reason != "" {
			return &excess{b, reason, since}
		}
	}
	return nil
}

// settle turns what was reserved into what counts from now on, or takes it back.
func (f *floods) settle(budgets []budget, committed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.clock.Now()
	for _, b := range budgets {
		w := f.windows[b.counter]
		w.pending -= b.n
		if committed {
			w.add(now, b.n)
		}
	}
}

// readWindow reads the count under a counter.
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
	if w.times, err = counted(ctx, f.ledger, b.counter, now.Add(-w.memory), now); err != nil {
		return nil, fmt.Errorf("counting %s: %w", b.counter, err)
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
	holding := f.holding[b.counter] || f.since[rule].After(over.since)
	f.holding[b.counter] = true
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
	delete(f.holding, b.counter)
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
