package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"rhea/engine"
)

// titled is data that has a title, by which people know it.
type titled interface {
	Title() (title string, ok bool)
}

// toWait writes down a signal.
func (t *trial) toWait() (string, error) { return t.written(engine.StoredSignal{}) }

// written is the form of a signal, with what w says of one that failed.
func (t *trial) written(w engine.StoredSignal) (string, error) {
	w.Trigger, w.At, w.Time, w.Event, w.Relay = t.decision.Trigger, t.now, t.Time, t.Event, t.Relay
	w.Thread, w.Group, w.Path = t.Thread, t.Group, t.path
	if d, ok := t.Data.(titled); ok {
		w.Title, _ = d.Title()
	}
	var err error
	if w.Data, err = json.Marshal(t.Data); err != nil {
		return "", fmt.Errorf("writing down what waits: %w", err)
	}
	text, err := json.Marshal(w)
	return string(text), err
}

// again makes a signal of what waited. A [*Mismatch] says why its trigger does not: the configuration has changed.
func (r *runner) again(ctx context.Context, key string, w engine.StoredSignal) (engine.Signal, error) {
	reason := "the rule has no trigger " + w.Trigger
	for i, t := range r.triggers {
		if t.name != w.Trigger {
			continue
		}
		s := engine.Sample{Time: w.Time, Now: w.At, Key: key}
		if w.Event != nil {
			s.Received = &engine.Received{Event: w.Event, Relay: w.Relay}
		}
		var err error
		if s.Data, err = r.rule.Triggers[i].Kind.ReadData(w.Data); err != nil {
			return engine.Signal{}, &engine.Mismatch{Reason: "its data cannot be read: " + err.Error()}
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
