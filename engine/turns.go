package engine

import (
	"context"
	"sync"
)

// turns lets one goroutine at a time work on a key.
type turns struct {
	mu   sync.Mutex
	busy map[string]chan struct{}
}

// enter waits until the key is free and takes it; leave gives it back.
func (t *turns) enter(ctx context.Context, key string) (leave func(), err error) {
	for {
		t.mu.Lock()
		if t.busy == nil {
			t.busy = make(map[string]chan struct{})
		}
		taken, ok := t.busy[key]
		if !ok {
			done := make(chan struct{})
			t.busy[key] = done
			t.mu.Unlock()
			return func() {
				t.mu.Lock()
				delete(t.busy, key)
				t.mu.Unlock()
				close(done)
			}, nil
		}
		t.mu.Unlock()
		select {
		case <-taken:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
