package bot

import (
	"context"
	"sync"
)

// turns lets one goroutine at a time work on a key, in the order in which they came.
type turns struct {
	mu sync.Mutex
	// last is closed when the last one in the line for a key is through.
	last map[string]chan struct{}
}

// enter waits until the key is free and takes it; leave gives it back.
func (t *turns) enter(ctx context.Context, key string) (func(), error) {
	through := make(chan struct{})
	t.mu.Lock()
	if t.last == nil {
		t.last = make(map[string]chan struct{})
	}
	before := t.last[key]
	t.last[key] = through
	t.mu.Unlock()
	leave := func() {
		t.mu.Lock()
		if t.last[key] == through {
			delete(t.last, key)
		}
		t.mu.Unlock()
		close(through)
	}
	if before == nil {
		return leave, nil
	}
	select {
	case <-before:
		return leave, nil
	case <-ctx.Done():
		go func() { // Whoever came later still waits for those before.
			<-before
			leave()
		}()
		return nil, ctx.Err()
	}
}
