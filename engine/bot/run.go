package bot

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"rhea/engine"
	"rhea/engine/lookup"
)

// Run runs all rules until ctx ends, or with Once until all triggers are through, and then goes on delivering
// what was committed for at most DrainFor; with Once, also what was due before. A trigger that fails is started again; it
// never stops the others. When Run has returned, nothing that it started asks the network any more.
func (b *Bot) Run(ctx context.Context) error {
	var tending sync.WaitGroup
	defer tending.Wait()
	ctx, join := lookup.Joined(ctx)
	defer join()
	if b.opts.Once {
		if err := b.sender.Inherit(ctx); err != nil {
			return err
		}
	}
	// Delivery outlives ctx: it still has to send what the last signals made.
	drainCtx, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	drained := make(chan error, 1)
	go func() { drained <- b.sender.Run(drainCtx) }()

	tending.Go(func() { b.gates.Tend(ctx) })
	waits := b.somethingWaits(ctx)
	for _, r := range b.rules {
		b.load(ctx, r, waits)
	}
	failed := b.runTriggers(ctx)
	for _, r := range b.rules {
		if b.opts.Once {
			r.queue.Last(ctx)
		}
		r.pipeline.End()
	}
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), b.opts.DrainFor)
	defer cancel()
	b.sender.Wait(limit)
	stop()
	return errors.Join(failed, <-drained)
}

// somethingWaits reports whether earlier runs have left signals that wait for a limit: most have not, and then no rule has
// to ask for its own.
func (b *Bot) somethingWaits(ctx context.Context) bool {
	found, err := b.opts.Ledger.Waiting(ctx, "", 0, 1)
	return err != nil || len(found) > 0 // What cannot be read each rule finds for itself, and tells.
}

// load learns what earlier runs of a rule have left. Waits says that signals of some rule wait.
func (b *Bot) load(ctx context.Context, r *rule, waits bool) {
	if waits {
		if err := r.queue.Load(ctx); err != nil && ctx.Err() == nil {
			r.log.Error("what waits for a limit is not known", "error", err)
		}
	}
	if err := r.pipeline.Load(ctx); err != nil && ctx.Err() == nil {
		r.log.Error("how long the rule has been silent is not known", "error", err)
	}
}

// beginAtOnce is how many listening triggers begin at a time. Each stores where it begins, and those that wait for that are
// stored together; more would leave the memory of as many goroutines behind.
const beginAtOnce = 256

// runTriggers runs all triggers and queues until ctx ends, with Once until they are through, and returns their errors.
func (b *Bot) runTriggers(ctx context.Context) error {
	var running sync.WaitGroup
	var mu sync.Mutex
	var failed error
	var listening []func() // Each blocks until one that listens by itself has ended.
	places := make(chan struct{}, beginAtOnce)
	for _, r := range b.rules {
		r.queue.Begin(ctx)
		for _, t := range r.triggers {
			leave := b.place(ctx, places, t)
			running.Go(func() {
				wait, err := b.supervise(ctx, r, t, leave)
				mu.Lock()
				defer mu.Unlock()
				if wait != nil {
					listening = append(listening, wait)
				}
				if err != nil {
					failed = errors.Join(failed, fmt.Errorf("rule %s: trigger %s: %w", r.config.Name, t.name, err))
				}
			})
		}
	}
	running.Wait()
	for _, wait := range listening {
		wait()
	}
	for _, r := range b.rules {
		r.queue.End()
	}
	return failed
}

// place waits for a place in which a trigger that listens by itself may begin. leave gives it back.
func (b *Bot) place(ctx context.Context, places chan struct{}, t boundTrigger) (leave func()) {
	if _, ok := t.trigger.(engine.Listener); !ok || b.opts.Once {
		return func() {}
	}
	select {
	case places <- struct{}{}:
		return sync.OnceFunc(func() { <-places })
	case <-ctx.Done():
		return func() {}
	}
}

// supervise keeps one trigger running until ctx ends, or until it listens by itself: wait blocks until that has ended. With
// Once it runs it once and returns its error. It calls begun when the trigger has begun, or could not.
func (b *Bot) supervise(ctx context.Context, r *rule, t boundTrigger, begun func()) (wait func(), err error) {
	pauses := engine.Backoff{First: firstRestart, Last: lastRestart}
	for {
		t.trouble.begin()
		wait, err = b.runTrigger(ctx, t)
		begun()
		switch {
		case wait != nil:
			return wait, nil
		case ctx.Err() != nil:
			return nil, nil
		case b.opts.Once:
			return nil, err
		case err == nil:
			err = errors.New("ended by itself")
		}
		if !t.trouble.failed(err) {
			pauses.Reset()
		}
		pause := pauses.Next()
		r.log.Error("trigger failed", "trigger", t.name, "error", err, "again_in", pause)
		select {
		case <-ctx.Done():
			return nil, nil
		case <-time.After(pause):
		}
	}
}

// runTrigger turns a panic into an error: one bad trigger must not take the others down.
func (b *Bot) runTrigger(ctx context.Context, t boundTrigger) (wait func(), err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panicked: %v", p)
		}
	}()
	if l, ok := t.trigger.(engine.Listener); ok && !b.opts.Once {
		return l.Listen(ctx, t.intake)
	}
	return nil, t.trigger.Run(ctx, t.intake)
}
