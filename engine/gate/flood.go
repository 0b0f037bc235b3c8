package gate

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"rhea/engine"
)

// floods counts what is published.
type floods struct {
	ledger  engine.Ledger
	log     *slog.Logger
	windows *windows

	mu sync.Mutex
	// since is from when what a rule may publish is counted: when it was last held for a flood, because then
	// somebody looked at it and let it go on.
	since map[string]time.Time
	// holding are the counters of budgets whose rules are being held.
	holding map[string]bool
}

func newFloods(l engine.Ledger, clock engine.Clock, log *slog.Logger) *floods {
	return &floods{
		ledger: l, log: log, windows: newWindows(clock), since: make(map[string]time.Time), holding: make(map[string]bool),
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
	err = f.locked(ctx, rule, budgets, func(counts []*window, since time.Time) { over = f.over(budgets, counts, since) })
	return over, err
}

// locked calls do under the lock of the counts with those that the budgets of a rule are counted by, and since when.
func (f *floods) locked(ctx context.Context, rule string, budgets []budget, do func(counts []*window, since time.Time)) error {
	if err := f.learnSince(ctx, rule); err != nil {
		return err
	}
	spans := make([]span, len(budgets))
	for i, b := range budgets {
		spans[i] = b.span()
	}
	return f.windows.with(ctx, f.ledger, spans, func(counts []*window) {
		f.mu.Lock()
		since := f.since[rule]
		f.mu.Unlock()
		do(counts, since)
	})
}

// learnSince reads from when a rule is counted. What somebody else has noted meanwhile is newer.
func (f *floods) learnSince(ctx context.Context, rule string) error {
	f.mu.Lock()
	_, known := f.since[rule]
	f.mu.Unlock()
	if known || rule == "" {
		return nil
	}
	since, err := f.readSince(ctx, rule)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, known := f.since[rule]; !known {
		f.since[rule] = since
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

// over returns the first budget that would be exceeded, nil for none. The lock of the counts is held.
func (f *floods) over(budgets []budget, counts []*window, since time.Time) *excess {
	now := f.windows.clock.Now()
	for i, b := range budgets {
		if reason := counts[i].exceeded(b, since, now); reason != "" {
			return &excess{b, reason, since}
		}
	}
	return nil
}

// sinceStream names the position that says when a rule was last held for a flood.
func sinceStream(rule string) string { return "flood/" + rule }

func (f *floods) readSince(ctx context.Context, rule string) (time.Time, error) {
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
