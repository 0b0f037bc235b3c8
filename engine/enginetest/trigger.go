package enginetest

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rhea/engine"
)

// TriggerWorld is a trigger together with what it watches, as [Trigger] needs it.
type TriggerWorld struct {
	// Build makes the trigger; every call stands for a restart of the program.
	Build func() engine.Trigger
	// Happen lets one more thing happen that the trigger must notice by itself.
	Happen func()
}

// patience is how long, on the clock of the test, a trigger may take to notice: feeds are asked now and then.
const patience = 2 * time.Hour

// Trigger proves that a trigger keeps the contract of [engine.Trigger]. The clock of the test is the one of
// testing/synctest, so nothing in the world may wait for the real one, nor for a real network.
func Trigger(t *testing.T, world func(t *testing.T) TriggerWorld) {
	tests := []struct {
		name string
		run  func(t *testing.T, w TriggerWorld)
	}{
		{"ends with its context and leaves nothing behind", endsWithContext},
		{"a signal has a key, a time and data", completeSignals},
		{"emits again what was not stored", emitsAgain},
		{"ends while a signal is being refused", endsWhileRefused},
		{"goes on where it was stopped", goesOn},
		{"judges samples while it runs", judgesBesideRun},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { tt.run(t, world(t)) })
		})
	}
}

// running is a trigger at work.
type running struct {
	t    *testing.T
	stop context.CancelFunc
	done chan error
}

func start(t *testing.T, w TriggerWorld, in engine.Intake) running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := running{t, cancel, make(chan error, 1)}
	trigger := w.Build()
	go func() { r.done <- trigger.Run(ctx, in) }()
	synctest.Wait()
	return r
}

// end stops the trigger, which must return nil soon.
func (r running) end() {
	r.t.Helper()
	r.stop()
	select {
	case err := <-r.done:
		if err != nil {
			r.t.Errorf("Run returned %v when its context ended, want nil", err)
		}
	case <-time.After(5 * time.Second):
		r.t.Fatal("Run did not return when its context had ended")
	}
}

// until lets time pass until the intake holds n signals.
func (r running) until(in *Intake, n int) []engine.Signal {
	r.t.Helper()
	for deadline := time.Now().Add(patience); len(in.Signals()) < n; {
		if time.Now().After(deadline) {
			r.t.Fatalf("%d signals within %s, want %d", len(in.Signals()), patience, n)
		}
		<-time.After(time.Second)
		synctest.Wait()
	}
	return in.Signals()
}

func endsWithContext(t *testing.T, w TriggerWorld) {
	in := new(Intake)
	r := start(t, w, in)
	<-time.After(time.Minute)
	r.end()
}

func completeSignals(t *testing.T, w TriggerWorld) {
	in := new(Intake)
	r := start(t, w, in)
	w.Happen()
	s := r.until(in, 1)[0]
	r.end()
	switch {
	case s.Key == "":
		t.Error("the signal has no key")
	case s.Time.IsZero():
		t.Error("the signal has no time")
	case s.Data == nil:
		t.Error("the signal has no data")
	}
}

var errRefused = errors.New("not stored")

func emitsAgain(t *testing.T, w TriggerWorld) {
	var refused []string
	in := new(Intake)
	in.Refuse = func(s engine.Signal) error {
		if s.Backlog || len(refused) == 3 {
			return nil
		}
		refused = append(refused, s.Key)
		return errRefused
	}
	r := start(t, w, in)
	w.Happen()
	stored := r.until(in, 1)
	r.end()
	for _, key := range refused {
		if !slices.ContainsFunc(stored, func(s engine.Signal) bool { return s.Key == key }) {
			t.Errorf("%s was refused and never emitted again", key)
		}
	}
}

func endsWhileRefused(t *testing.T, w TriggerWorld) {
	in := &Intake{Refuse: func(engine.Signal) error { return errRefused }}
	r := start(t, w, in)
	w.Happen()
	<-time.After(time.Minute)
	r.end()
}

func goesOn(t *testing.T, w TriggerWorld) {
	in := new(Intake)
	r := start(t, w, in)
	w.Happen()
	before := len(r.until(in, 1))
	r.end()
	w.Happen()
	r = start(t, w, in)
	r.until(in, before+1)
	r.end()
}

// judgesBesideRun shows a trigger what it has emitted, as the queue of a rule does, while it notices more. Only the race
// detector sees what is wrong.
func judgesBesideRun(t *testing.T, w TriggerWorld) {
	in := new(Intake)
	build := w.Build
	var trigger engine.Trigger
	w.Build = func() engine.Trigger {
		trigger = build()
		return trigger
	}
	r := start(t, w, in)
	defer r.end()
	sampler, ok := trigger.(engine.Sampler)
	if !ok {
		return
	}
	w.Happen()
	s := r.until(in, 1)[0]
	var judging sync.WaitGroup
	for range 2 {
		judging.Go(func() {
			for range 20 {
				_, err := sampler.Sample(t.Context(), again(t, s))
				if _, mismatch := errors.AsType[*engine.Mismatch](err); err != nil && !mismatch {
					t.Errorf("Sample = %v", err)
				}
				<-time.After(patience / 40)
			}
		})
	}
	w.Happen()
	r.until(in, 2)
	judging.Wait()
}

// again is the sample of what waited: its data was written down meanwhile.
func again(t *testing.T, s engine.Signal) engine.Sample {
	sample := engine.Sample{Time: s.Time, Now: time.Now(), Key: s.Key}
	if s.Event != nil {
		sample.Received = &engine.Received{Event: s.Event, Relay: s.Relay}
	}
	text, err := json.Marshal(s.Data)
	if err != nil {
		t.Errorf("writing down the data: %v", err)
		return sample
	}
	data := reflect.New(reflect.TypeOf(s.Data).Elem())
	if err := json.Unmarshal(text, data.Interface()); err != nil {
		t.Errorf("reading the data: %v", err)
	}
	sample.Data, _ = reflect.TypeAssert[engine.Data](data)
	return sample
}
