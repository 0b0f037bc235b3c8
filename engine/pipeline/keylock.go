package pipeline

import (
	"context"
	"slices"
	"sync"
)

// keyLock lets one goroutine at a time work on a key, in the order in which they came.
type keyLock struct {
	mu sync.Mutex
	// last is closed when the last one in the line for a key is through.
	last map[string]chan struct{}
}

// enter waits until the key is free and takes it; leave gives it back.
func (l *keyLock) enter(ctx context.Context, key string) (func(), error) {
	through := make(chan struct{})
	l.mu.Lock()
	if l.last == nil {
		l.last = make(map[string]chan struct{})
	}
	before := l.last[key]
	l.last[key] = through
	l.mu.Unlock()
	leave := func() {
		l.mu.Lock()
		if l.last[key] == through {
			delete(l.last, key)
		}
		l.mu.Unlock()
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

// Locks are keys that several pipelines share.
type Locks struct{ keys keyLock }

// sorted are keys in the order in which everybody takes them.
func sorted(keys []string) []string {
	slices.Sort(keys)
	return slices.Compact(keys)
}
