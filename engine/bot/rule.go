package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"rhea/engine"
	"rhea/engine/pipeline"
	"rhea/engine/queue"
)

// rule is one rule that runs: its triggers, its pipeline and its queue.
type rule struct {
	config   *engine.Rule
	ledger   engine.Ledger
	dry      bool
	pipeline *pipeline.Pipeline
	queue    *queue.Queue
	triggers []boundTrigger
	log      *slog.Logger
}

// boundTrigger is one trigger of a rule with its intake.
type boundTrigger struct {
	name    string
	trigger engine.Trigger
	intake  engine.Intake
	trouble *trouble
}

// again makes a signal of what waited. A [*engine.Mismatch] says why its trigger does not: the configuration has changed.
func (r *rule) again(ctx context.Context, key string, w engine.StoredSignal) (engine.Signal, error) {
	reason := "the rule has no trigger " + w.Trigger
	for i, t := range r.triggers {
		if t.name != w.Trigger {
			continue
		}
		data, err := r.config.Triggers[i].Kind.ReadData(w.Data)
		if err != nil {
			return engine.Signal{}, &engine.Mismatch{Reason: "its data cannot be read: " + err.Error()}
		}
		s := engine.Sample{Time: w.Time, Now: w.At, Key: key, Data: data}
		if w.Event != nil {
			s.Received = &engine.Received{Event: w.Event, Relay: w.Relay}
		}
		signals, err := sample(ctx, t.trigger, s)
		if m, ok := errors.AsType[*engine.Mismatch](err); ok || err == nil && len(signals) == 0 {
			if ok {
				reason = m.Reason
			}
			continue
		}
		if err != nil {
			return engine.Signal{}, fmt.Errorf("trigger %s: %w", t.name, err)
		}
		found := signals[0]
		found.Key, found.Time, found.Group, found.Thread = key, w.Time, w.Group, w.Thread
		found.Event, found.Relay, found.Verify = w.Event, w.Relay, nil // It was verified before it began to wait.
		return found, nil
	}
	return engine.Signal{}, &engine.Mismatch{Reason: strings.TrimSpace(reason)}
}

// sample asks a trigger, or takes the data as it is for one that is no [Sampler].
func sample(ctx context.Context, t engine.Trigger, s engine.Sample) ([]engine.Signal, error) {
	if sampler, ok := t.(engine.Sampler); ok {
		return sampler.Sample(ctx, s)
	}
	if s.Data == nil {
		return nil, &engine.Mismatch{Reason: "this kind makes nothing of what is given; give its data by name"}
	}
	return []engine.Signal{{Key: s.Key, Time: s.Now, Data: s.Data}}, nil
}
