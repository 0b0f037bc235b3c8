package relay

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"rhea/engine"
)

const (
	// saveEvery is how often positions are stored; when one is lost, a little is read again.
	saveEvery = 5 * time.Second
	// lastSave bounds the last save, which delays the shutdown.
	lastSave = 500 * time.Millisecond
)

// keeper stores the positions of all subscribers.
type keeper struct {
	positions Positions
	log       *slog.Logger

	mu          sync.Mutex
	subscribers map[*subscriber]bool
	failed      bool
}

// run stores the positions at intervals until ctx ends.
func (k *keeper) run(ctx context.Context) {
	for engine.Wait(ctx, saveEvery) {
		k.mu.Lock()
		all := slices.Collect(maps.Keys(k.subscribers))
		k.mu.Unlock()
		var failed error
		for _, sub := range all {
			if err := sub.save(sub.query.ctx, k.positions); err != nil && sub.query.ctx.Err() == nil {
				failed = err
			}
		}
		if failed != nil && !k.failed {
			k.log.Warn("positions not stored; the next try follows", "error", failed)
		}
		k.failed = failed != nil
	}
}

func (k *keeper) add(subscribers []*subscriber) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, sub := range subscribers {
		k.subscribers[sub] = true
	}
}

// remove stores the positions of subscribers that have ended for the last time.
func (k *keeper) remove(subscribers []*subscriber) {
	k.mu.Lock()
	for _, sub := range subscribers {
		delete(k.subscribers, sub)
	}
	k.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), lastSave)
	defer cancel()
	for _, sub := range subscribers {
		if err := sub.save(ctx, k.positions); err != nil {
			k.log.Warn("position not stored; some events will be read again", "error", err)
		}
	}
}
