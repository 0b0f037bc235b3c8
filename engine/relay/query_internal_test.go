package relay

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/relay/wire"
)

// countedContext counts what is registered for its end.
type countedContext struct {
	context.Context
	registered atomic.Int64
}

// Value hides the context inside, at which everything would be registered uncounted.
func (c *countedContext) Value(any) any { return nil }

func (c *countedContext) AfterFunc(f func()) func() bool {
	c.registered.Add(1)
	stop := context.AfterFunc(c.Context, f)
	return func() bool {
		c.registered.Add(-1)
		return stop()
	}
}

// TestRetriesDoNotPileUp lets the delivery of an event fail for a day: its retries must not pile up in memory.
func TestRetriesDoNotPileUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		inner, cancel := context.WithCancel(t.Context())
		ctx := &countedContext{Context: inner}
		tries := 0
		q := newQuery(ctx, 1, func(context.Context, engine.Received) error { tries++; return errors.New("the disk is full") })
		q.accept(offer{subscriber: &subscriber{}, copy: &checked{event: &nostr.Event{}, key: wire.CopyKey{ID: wire.EventID{1}}}})
		<-time.After(24 * time.Hour)
		synctest.Wait()
		if n := ctx.registered.Load(); n > 1 {
			t.Errorf("%d tries are remembered after %d", n, tries)
		}
		cancel()
		q.end()
		before := tries
		<-time.After(time.Hour)
		if tries != before {
			t.Error("delivered after the end")
		}
	})
}
