package relay

import (
	"context"
	"math/rand/v2"
	"time"
)

// backoff grows from failure to failure. Full jitter keeps the clients of a relay that comes back from arriving
// together.
type backoff struct {
	first, last time.Duration
	failures    int
}

func (b *backoff) next() time.Duration {
	ceiling := b.first << min(b.failures, 30)
	if ceiling > b.last || ceiling <= 0 {
		ceiling = b.last
	}
	b.failures++
	return min(b.first+rand.N(ceiling), b.last)
}

func (b *backoff) reset() { b.failures = 0 }

// sleep waits for d and reports whether ctx is still alive then.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
