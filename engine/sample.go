package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"
)

// Sampler is a trigger that can judge what is shown to it, beside noticing things by itself. Tests of rules and
// explanations ask it, and the queue of a rule asks it while the trigger runs: Sample is safe beside Run and beside itself.
type Sampler interface {
	Trigger
	// Sample returns the signals that s leads to. A [*Mismatch] says why there are none.
	Sample(ctx context.Context, s Sample) ([]Signal, error)
}

// Fitter is a [Sampler] that listens for events and can complete one, so that it fits.
type Fitter interface {
	Sampler
	// Fit fills what is left out: a negative kind, a public key that is "", and nil tags.
	Fit(e *nostr.Event)
}

// Sample is what is shown to a trigger. A kind looks at what it knows; the rest is not set.
type Sample struct {
	// Received is an event.
	Received *Received
	// Time is a planned time; zero means the next one after Now.
	Time time.Time
	// Now is the time of the look.
	Now time.Time
	// Document is what a server would answer, such as a whole feed.
	Document []byte
	// Data is of the kind's own type with some fields filled, for signals that are not made of an event. Key names
	// it for a kind that has no better name.
	Data Data
	Key  string
}

// Mismatch says why a trigger makes nothing of a sample.
type Mismatch struct{ Reason string }

func (m *Mismatch) Error() string { return m.Reason }

// Sampled is a signal with the kind of the trigger that made it.
type Sampled struct {
	Trigger string
	Signal
}

// Sample shows s to the triggers of a rule and returns what the first one to make anything of it makes. A [*Mismatch]
// says why none does. It needs no Run.
func (e *Engine) Sample(ctx context.Context, rule string, s Sample) ([]Sampled, error) {
	r, err := e.runner(rule)
	if err != nil {
		return nil, err
	}
	var reasons []string
	for _, t := range r.triggers {
		signals, err := sample(ctx, t.trigger, s)
		if m, ok := errors.AsType[*Mismatch](err); ok {
			reasons = append(reasons, t.name+": "+m.Reason)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("trigger %s: %w", t.name, err)
		}
		sampled := make([]Sampled, len(signals))
		for i, s := range signals {
			sampled[i] = Sampled{t.name, s}
		}
		return sampled, nil
	}
	return nil, &Mismatch{strings.Join(reasons, "; ")}
}

// Fit completes an event for the first trigger of a rule that listens for events. It reports whether there is one.
func (e *Engine) Fit(rule string, event *nostr.Event) bool {
	r, err := e.runner(rule)
	if err != nil {
		return false
	}
	for _, t := range r.triggers {
		if f, ok := t.trigger.(Fitter); ok {
			f.Fit(event)
			return true
		}
	}
	return false
}

// sample asks a trigger, or takes the data as it is for one that is no [Sampler].
func sample(ctx context.Context, t Trigger, s Sample) ([]Signal, error) {
	if sampler, ok := t.(Sampler); ok {
		return sampler.Sample(ctx, s)
	}
	if s.Data == nil {
		return nil, &Mismatch{"this kind makes nothing of what is given; give its data by name"}
	}
	return []Signal{{Key: s.Key, Time: s.Now, Data: s.Data}}, nil
}

// Carry takes one sampled signal through the corridor, as if the trigger had emitted it. It needs no Run.
func (e *Engine) Carry(ctx context.Context, rule string, s Sampled) error {
	r, err := e.runner(rule)
	if err != nil {
		return err
	}
	return r.emit(ctx, s.Trigger, s.Signal)
}

func (e *Engine) runner(rule string) (*runner, error) {
	for _, r := range e.runners {
		if r.rule.Name == rule {
			return r, nil
		}
	}
	return nil, fmt.Errorf("no rule %s runs here", rule)
}
