package pipeline

import (
	"context"
	"errors"
	"time"

	"rhea/engine"
	"rhea/engine/gate"
	"rhea/engine/queue"
)

// noData is what expressions see of a signal that cannot be made again: nothing.
type noData struct{ engine.Scope }

// ruleHeld is the counter of what waits for its rule to go on.
const ruleHeld = "hold"

// Held implements [queue.Owner].
func (p *Pipeline) Held(ctx context.Context) (string, error) { return p.opts.Gates.Held(ctx) }

// Blocking implements [queue.Owner].
func (p *Pipeline) Blocking(ctx context.Context, s engine.StoredSignal, before map[string]bool) (string, time.Time, error) {
	return p.opts.Gates.Blocking(ctx, sketch(s), before)
}

// First implements [queue.Owner].
func (p *Pipeline) First(s engine.StoredSignal) string { return p.opts.Gates.First(sketch(s)) }

// sketch is as much of a signal as limits ask about.
func sketch(s engine.StoredSignal) *gate.Candidate {
	return &gate.Candidate{Signal: engine.Signal{Event: s.Event, Thread: s.Thread}, Path: s.Path}
}

// Release implements [queue.Owner].
func (p *Pipeline) Release(ctx context.Context, w engine.Waiting, s engine.StoredSignal) (*gate.Wait, error) {
	signal, err := p.opts.Again(ctx, w.Key, s)
	changed, ok := errors.AsType[*engine.Mismatch](err)
	if err != nil && !ok {
		return nil, &queue.Stuck{Err: err}
	}
	if ok {
		signal = engine.Signal{Key: w.Key, Event: s.Event, Relay: s.Relay, Data: new(noData)}
	}
	a := p.begin(ctx, s.Trigger, signal)
	a.Queued, a.Path = true, s.Path
	a.notes = []string{"waited since " + s.At.UTC().Format(time.RFC3339)}
	if a.Again = s.Failed != ""; a.Again {
		a.Offered = s.Offered
		a.notes = []string{s.Note()}
	}
	if ok {
		a.stop(engine.ConditionFalse, "it has waited, and nothing makes it fire any more: "+changed.Reason)
		return nil, p.commit(ctx, a)
	}
	if err := p.carry(ctx, a); err != nil {
		return nil, err
	}
	if a.held {
		return &gate.Wait{Counter: ruleHeld, Free: p.opts.Clock.Now().Add(queue.LookAgain)}, nil
	}
	return a.wait, nil
}

// Discard implements [queue.Owner].
func (p *Pipeline) Discard(ctx context.Context, w engine.Waiting, reason string) error {
	a := p.begin(ctx, "", engine.Signal{Key: w.Key, Data: new(noData)})
	a.Queued = true
	a.stop(engine.ActionError, reason)
	return p.commit(ctx, a)
}
