package lookup

import (
	"context"
	"sync"
)

// joinedKey is under what a context of joined keeps its goroutines.
type joinedKey struct{}

// Joined returns a context for goroutines that outlive who starts them, such as the questions of a look-up. join ends
// it and waits for them.
func Joined(ctx context.Context) (_ context.Context, join func()) {
	var running sync.WaitGroup
	ctx, cancel := context.WithCancel(context.WithValue(ctx, joinedKey{}, &running))
	return ctx, func() { cancel(); running.Wait() }
}

// spawn starts a goroutine. Where ctx comes from joined, it is waited for in the end.
func spawn(ctx context.Context, f func()) {
	if running, ok := ctx.Value(joinedKey{}).(*sync.WaitGroup); ok {
		running.Go(f)
	} else {
		go f()
	}
}
