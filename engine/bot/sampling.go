package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// Sampled is a signal with the kind of the trigger that made it.
type Sampled struct {
	Trigger string
	engine.Signal
}

// Sample shows s to the triggers of a rule and returns what the first one to make anything of it makes. A [*Mismatch]
// says why none does. It needs no Run.
func (b *Bot) Sample(ctx context.Context, rule string, s engine.Sample) ([]Sampled, error) {
	r, err := b.rule(rule)
	if err != nil {
		return nil, err
	}
	var reasons []string
	for _, t := range r.triggers {
		signals, err := sample(ctx, t.trigger, s)
		if m, ok := errors.AsType[*engine.Mismatch](err); ok {
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
	return nil, &engine.Mismatch{Reason: strings.Join(reasons, "; ")}
}

// Fit completes an event for the first trigger of a rule that listens for events. It reports whether there is one.
func (b *Bot) Fit(rule string, event *nostr.Event) bool {
	r, err := b.rule(rule)
	if err != nil {
		return false
	}
	for _, t := range r.triggers {
		if f, ok := t.trigger.(engine.Fitter); ok {
			f.Fit(event)
			return true
		}
	}
	return false
}

// Carry takes one sampled signal through the corridor, as if the trigger had emitted it. It needs no Run.
func (b *Bot) Carry(ctx context.Context, rule string, s Sampled) error {
	r, err := b.rule(rule)
	if err != nil {
		return err
	}
	return r.pipeline.Emit(ctx, s.Trigger, s.Signal)
}

func (b *Bot) rule(name string) (*rule, error) {
	for _, r := range b.rules {
		if r.config.Name == name {
			return r, nil
		}
	}
	return nil, fmt.Errorf("no rule %s runs here", name)
}

// Preview lets every trigger of a rule that is a [Previewer] look at what is there now. Like it, it returns signals
// beside an error. It needs no Run.
func (b *Bot) Preview(ctx context.Context, rule string, n int) ([]Sampled, error) {
	r, err := b.rule(rule)
	if err != nil {
		return nil, err
	}
	var all []Sampled
	var failed error
	for _, t := range r.triggers {
		p, ok := t.trigger.(engine.Previewer)
		if !ok {
			continue
		}
		signals, err := p.Preview(ctx, b.opts.Clock.Now(), n)
		failed = errors.Join(failed, err)
		for _, s := range signals {
			all = append(all, Sampled{t.name, s})
		}
	}
	return all, failed
}
