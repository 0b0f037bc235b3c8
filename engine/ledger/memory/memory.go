package memory

import (
	"context"
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
	marks     map[string][]time.Time
}

// NewStore returns an empty store.
func NewStore() *Store {
	s := &Store{
		now:       time.Now,
		claims:    claims{until: make(map[claim]time.Time)},
		positions: positions{kept: make(map[string]kept)},
		queue:     queue{relays: make(map[string]*backlog), progress: make(map[int64]*progress)},
		history:   history{limits: ledger.Limits{}.WithDefaults()},
		marks:     make(map[string][]time.Time),
	}
	s.drainer = ledger.NewDrainer(s)
	return s
}

// Open returns a ledger on the store. Several may be open at once.
func (s *Store) Open() *Ledger { return &Ledger{store: s} }

// New returns a ledger on a store of its own.
func New() *Ledger { return NewStore().Open() }

// NewAt returns a ledger whose claims and marks use the given clock.
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

// Seen reports whether (rule, key) was claimed.
func (l *Ledger) Seen(ctx context.Context, rule, key string) (bool, error) {
	s, err := l.enter(ctx)
	if err != nil {
		return false, err
	}
	defer s.mu.Unlock()
	return s.claims.isClaimed(claim{rule, key}, s.now()), nil
}

// Commit claims and stores an entry.
func (l *Ledger) Commit(ctx context.Context, e engine.Entry) (fresh bool, err error) {
	s, err := l.enter(ctx)
	if err != nil {
		return false, err
	}
	defer s.mu.Unlock()
	now := s.now()
	s.expireWaiting(now)
	if !s.claim(e, now) {
		return false, nil
	}
	if e.Wait != "" {
		s.waiting.add(e)
	}
	if e.Position != nil {
		s.positions.set(*e.Position, now)
	}
	for _, p := range e.Drawn {
		s.positions.set(p, now)
	}
	for _, m := range e.Marks {
		s.addMark(m, now)
	}
	s.history.add(e.Decision)
	s.drainer.Owe(s.queue.add(e.Deliveries, now)...)
	return true, nil
}

// claim takes the claim of an entry. The caller holds the lock.
func (s *Store) claim(e engine.Entry, now time.Time) (fresh bool) {
	switch {
	case e.Waited:
		return s.waiting.end(e.Rule, e.Key)
	case e.Again:
		return s.claims.isClaimed(claim{e.Rule, e.Key}, now) && !s.waiting.under(e.Rule, e.Key) &&
			s.positions.kept[e.Position.Stream].value != ""
	}
	return s.claims.add(claim{e.Rule, e.Key}, e.Keep, now)
}

// Drain hands out due deliveries until ctx ends.
func (l *Ledger) Drain(ctx context.Context, wake <-chan string, deliver ledger.Deliver) error {
	if l.closed.Load() {
		return ledger.ErrClosed
	}
	return l.store.drainer.Run(ctx, wake, deliver)
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
