package memory

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"rhea/engine"
	"rhea/engine/ledger"
)

var (
	_ engine.Ledger  = (*Ledger)(nil)
	_ engine.Journal = (*Ledger)(nil)
	_ ledger.Outbox  = (*Ledger)(nil)
)

// expireEvery is how often signals that have waited for too long are removed.
const expireEvery = time.Hour

// Store holds the data of ledgers. It outlives them: a ledger opened later has what an earlier one committed.
type Store struct {
	drainer *ledger.Drainer
	now     func() time.Time

	mu        sync.Mutex
	claims    claims
	positions positions
	queue     queue
	history   history
	waiting   waiting
	counters  map[string][]time.Time
}

// NewStore returns an empty store.
func NewStore() *Store {
	s := &Store{
		now:       time.Now,
		claims:    claims{until: make(map[claim]time.Time)},
		positions: positions{kept: make(map[string]kept)},
		queue:     queue{relays: make(map[string]*backlog), progress: make(map[int64]*progress)},
		history:   history{limits: ledger.Limits{}.WithDefaults()},
		counters:  make(map[string][]time.Time),
	}
	s.drainer = ledger.NewDrainer(s)
	return s
}

// Open returns a ledger on the store. Several may be open at once.
func (s *Store) Open() *Ledger { return &Ledger{store: s} }

// New returns a ledger on a store of its own.
func New() *Ledger { return NewStore().Open() }

// NewAt returns a ledger whose claims and counters use the given clock.
func NewAt(now func() time.Time) *Ledger {
	s := NewStore()
	s.now = now
	return s.Open()
}

// Ledger is an [engine.Ledger] in memory.
type Ledger struct {
	store  *Store
	closed atomic.Bool
}

// Close ends the ledger. The store keeps what was committed.
func (l *Ledger) Close() error {
	if l.closed.Swap(true) {
		return ledger.ErrClosed
	}
	return nil
}

// enter returns the locked store.
func (l *Ledger) enter(ctx context.Context) (*Store, error) {
	if l.closed.Load() {
		return nil, ledger.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l.store.mu.Lock()
	return l.store, nil
}

// Position returns how far a stream was read.
func (l *Ledger) Position(ctx context.Context, stream string) (string, error) {
	s, err := l.enter(ctx)
	if err != nil {
		return "", err
	}
	defer s.mu.Unlock()
	return s.positions.kept[stream].value, nil
}

// Positions returns the positions of all streams whose names begin with prefix.
func (l *Ledger) Positions(ctx context.Context, prefix string) (map[string]string, error) {
	s, err := l.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	found := make(map[string]string)
	for stream, p := range s.positions.kept {
		if strings.HasPrefix(stream, prefix) {
			found[stream] = p.value
		}
	}
	return found, nil
}

// Advance stores a position at once.
func (l *Ledger) Advance(ctx context.Context, p engine.Position) error {
	s, err := l.enter(ctx)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	s.positions.set(p, s.now())
	return nil
}

// Record adds a decision to the history.
func (l *Ledger) Record(ctx context.Context, d engine.Decision) error {
	s, err := l.enter(ctx)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	s.history.add(d)
	return nil
}

// History returns decisions, newest first.
func (l *Ledger) History(ctx context.Context, q engine.HistoryQuery) ([]engine.Decision, error) {
	s, err := l.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return s.history.find(q), nil
}

// expireWaiting removes the signals that have waited for too long. The caller holds the lock.
func (s *Store) expireWaiting(now time.Time) {
	w := &s.waiting
	if len(w.all) == 0 || now.Sub(w.expired) < expireEvery {
		return
	}
	w.expired = now
	w.all = slices.DeleteFunc(w.all, func(x engine.Waiting) bool {
		d, overdue := x.Overdue(now)
		if overdue {
			s.history.add(d)
		}
		return overdue
	})
}

// Waiting returns the signals that wait for a rule, or for any.
func (l *Ledger) Waiting(ctx context.Context, rule string, behind int64, n int) (found []engine.Waiting, err error) {
	s, err := l.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	s.expireWaiting(s.now())
	for _, w := range s.waiting.all {
		if (rule == "" || w.Rule == rule) && w.Number > behind && len(found) < n {
			found = append(found, w)
		}
	}
	return found, nil
}
