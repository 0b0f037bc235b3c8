package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
	"rhea/engine/config"
)

// start is when a test begins that sets no time. It is a Thursday at noon.
var start = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// RunOptions are how tests are run.
type RunOptions struct {
	// Update writes golden files instead of comparing with them.
	Update bool
	// RelayLists finds out from the events of a test where people publish and read; nil leaves rules with Outbox at
	// their relays.
	RelayLists func(ids map[string]engine.Identity, source engine.Source) engine.RelayLists
}

// Run runs one test of a configuration. Keys are made up: no secret is needed.
func Run(ctx context.Context, file *config.File, test config.Test, o RunOptions) Report {
	r := Report{Test: test}
	rule, ok := file.Rule(test.Rule)
	if !ok {
		r.Err = fmt.Errorf("there is no rule %s", test.Rule)
		return r
	}
	identities, err := FakeIdentities(file.Identities)
	if err != nil {
		r.Err = err
		return r
	}
	var lists func(engine.Source) engine.RelayLists
	if o.RelayLists != nil {
		lists = func(source engine.Source) engine.RelayLists { return o.RelayLists(identities, source) }
	}
	answers := new(answers)
	p := runner{
		rule: rule, identities: identities, answers: answers, dir: test.Dir, update: o.Update,
		sandbox: New(Options{
			Rules: []engine.Rule{*rule}, Identities: identities, Start: start, Dir: test.Dir,
			HTTP:       func(bool) *http.Client { return &http.Client{Transport: answers} },
			RelayLists: lists,
		}),
	}
	for i, step := range test.Steps {
		done, err := p.step(ctx, i, step)
		if err != nil {
			r.Err = err
			return r
		}
		r.Steps = append(r.Steps, done)
	}
	return r
}

func (r *runner) step(ctx context.Context, i int, step config.TestStep) (Step, error) {
	switch {
	case step.At.IsZero() && i > 0:
		r.sandbox.Reach(r.sandbox.Now().Add(time.Second))
	case i == 0 && step.At.Before(start) && !step.At.IsZero():
		r.sandbox.clock.now = step.At // Nothing has happened yet: the clock may be put back.
	case step.At.Before(r.sandbox.Now()) && !step.At.IsZero():
		return Step{}, fmt.Errorf("step %d is at %s, before the step before it", i+1, step.At.Format(time.RFC3339))
	}
	r.sandbox.Reach(step.At)
	r.answers.now = step.HTTP
	if r.rule.Disabled {
		d := engine.Decision{At: r.sandbox.Now(), Rule: r.rule.Name, Outcome: engine.Disabled, Reason: "enabled is false"}
		return r.compare(step.Expect, []Outcome{{Decision: d}})
	}
	sample, err := r.sample(ctx, step)
	if err != nil {
		return Step{}, err
	}
	outcomes, err := r.sandbox.Show(ctx, r.rule.Name, sample)
	if err != nil {
		return Step{}, err
	}
	r.shown = nil
	if sample.Received != nil {
		r.shown = sample.Received.Event
	}
	done, err := r.compare(step.Expect, outcomes)
	for _, o := range outcomes {
		if n := len(o.Owed); n > 0 {
			r.published = &o.Owed[n-1].Event
		}
	}
	return done, err
}

// sample makes what the step shows to the rule.
func (r *runner) sample(ctx context.Context, step config.TestStep) (engine.Sample, error) {
	for _, known := range step.Relays {
		e, err := r.event(ctx, known)
		if err != nil {
			return engine.Sample{}, err
		}
		r.sandbox.Add(*e.Event)
	}
	s := engine.Sample{Time: step.At}
	given := maps.Clone(step.Data)
	switch {
	case step.Item != nil:
		given = map[string]any{"item": step.Item}
	case step.Request != nil:
		given = map[string]any{"request": step.Request}
	case step.Feed != "":
		body, err := os.ReadFile(filepath.Join(r.dir, step.Feed))
		if errors.Is(err, fs.ErrNotExist) {
			return s, fmt.Errorf("feed: there is no file %s", filepath.Join(r.dir, step.Feed))
		}
		if err != nil {
			return s, fmt.Errorf("feed: %w", err)
		}
		s.Document = body
		return s, nil
	case step.Data == nil:
		return r.eventSample(ctx, step, s)
	}
	data, err := Fill(r.rule.Triggers[0].Kind, given)
	s.Data, s.Key = data, fmt.Sprint("given: ", given)
	return s, err
}

// eventSample makes the event of a step, unless the trigger does not listen for events.
func (r *runner) eventSample(ctx context.Context, step config.TestStep, s engine.Sample) (engine.Sample, error) {
	if step.Event == nil {
		if listens, err := r.sandbox.Fit(r.rule.Name, &nostr.Event{}); err != nil || !listens {
			return s, err
		}
		step.Event = &config.TestEvent{}
	}
	received, err := r.fitted(ctx, *step.Event)
	if err != nil {
		return s, err
	}
	if step.Author != nil || step.Event.From == "bot" {
		if err := r.addProfile(received.Event.PubKey, step.Event.From, step.Author); err != nil {
			return s, err
		}
	}
	s.Received, s.Time = received, time.Time{}
	return s, nil
}

// compare compares what came of a step with what was expected.
func (r *runner) compare(want config.Expect, outcomes []Outcome) (Step, error) {
	j := comparison{runner: r}
	outcome, reason := summary(outcomes)
	j.equal(outcomeKey, string(want.Outcome), string(outcome), want.Outcome != "", reason)
	j.match("reason", want.Reason, reason)
	var made []Owed
	outputs := map[string]any{}
	for _, o := range outcomes {
		made = append(made, o.Owed...)
		maps.Copy(outputs, o.Outputs)
	}
	if want.Count != nil {
		j.equal("count", strconv.Itoa(*want.Count), strconv.Itoa(len(made)), true, "")
	}
	if err := j.published(want.Published, made); err != nil {
		return Step{}, err
	}
	j.outputs(want.Outputs, outputs)
	if want.Golden != "" {
		if err := j.golden(want.Golden, made); err != nil {
			return Step{}, err
		}
	}
	return Step{Outcomes: outcomes, Failures: j.failures}, nil
}

// summary is the outcome of a step that made several signals: that of the first one that fired, if one did.
func summary(outcomes []Outcome) (engine.Outcome, string) {
	if len(outcomes) == 0 {
		return engine.NoMatch, nothingShown
	}
	for _, o := range outcomes {
		if o.Outcome == engine.Fired || o.Outcome == engine.DryRun {
			return o.Outcome, o.Reason
		}
	}
	return outcomes[0].Outcome, outcomes[0].Reason
}
