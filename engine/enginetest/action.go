package enginetest

import (
	"context"
	"log/slog"
	"net/http"
	"reflect"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// ActionWorld is an action together with what it acts in, as [Action] needs it.
type ActionWorld struct {
	// Action is built once and used for many runs, as in a rule.
	Action engine.Action
	// Run returns a run that the action succeeds in; every call returns a new one that equals the others.
	Run func() engine.Run
}

// actionSlack is how long after the end of its context an action may still run.
const actionSlack = time.Second

// Action proves that an action keeps the contract of [engine.Action]. The clock of the test is the one of
// testing/synctest, so nothing in the world may wait for the real one, nor for a real network.
func Action(t *testing.T, world func(t *testing.T) ActionWorld) {
	tests := []struct {
		name string
		run  func(t *testing.T, w ActionWorld)
	}{
		{"acts the same way when it runs again", actsAgain},
		{"acts for several signals at once", actsSideBySide},
		{"leaves the run as it was", leavesRunAlone},
		{"makes drafts that relays can take", makesSoundDrafts},
		{"ends with its context", actEndsWithContext},
		{"survives a run that offers nothing", survivesEmptyRun},
		{"survives strangers' events", survivesStrangers},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { tt.run(t, world(t)) })
		})
	}
}

// prepared returns a run with everything that the corridor promises to set.
func (w ActionWorld) prepared() engine.Run {
	run := w.Run()
	if run.Log == nil {
		run.Log = slog.New(slog.DiscardHandler)
	}
	if run.Source == nil {
		run.Source = new(Source)
	}
	if run.HTTP == nil {
		run.HTTP = silentHTTP
	}
	return run
}

func actsAgain(t *testing.T, w ActionWorld) {
	first, err := w.Action.Act(t.Context(), w.prepared())
	if err != nil {
		t.Fatalf("the run of the world must succeed: %v", err)
	}
	again, err := w.Action.Act(t.Context(), w.prepared())
	if err != nil {
		t.Fatalf("a second run failed: %v", err)
	}
	if !reflect.DeepEqual(first.Drafts, again.Drafts) {
		t.Errorf("a run that is repeated makes other drafts: %v, then %v", first.Drafts, again.Drafts)
	}
}

func actsSideBySide(t *testing.T, w ActionWorld) {
	want, err := w.Action.Act(t.Context(), w.prepared())
	if err != nil {
		t.Fatalf("the run of the world must succeed: %v", err)
	}
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			got, err := w.Action.Act(t.Context(), w.prepared())
			if err != nil || !reflect.DeepEqual(got.Drafts, want.Drafts) {
				t.Errorf("one of several runs made %v, %v, want %v", got.Drafts, err, want.Drafts)
			}
		})
	}
	wait.Wait()
}

func leavesRunAlone(t *testing.T, w ActionWorld) {
	run, want := w.prepared(), w.prepared()
	result, err := w.Action.Act(t.Context(), run)
	if err != nil {
		t.Fatalf("the run of the world must succeed: %v", err)
	}
	// The corridor may finish drafts in place: that must not reach the event either.
	for _, d := range result.Drafts {
		for _, tag := range d.Tags {
			for i := range tag {
				tag[i] = "changed"
			}
		}
	}
	if !reflect.DeepEqual(run.Event, want.Event) {
		t.Errorf("the event of the run was changed: %v, before it was %v", run.Event, want.Event)
	}
	if !reflect.DeepEqual(run.Drafted, want.Drafted) || !slices.Equal(run.Own, want.Own) || !slices.Equal(run.Relays, want.Relays) {
		t.Error("the run was changed")
	}
}

func makesSoundDrafts(t *testing.T, w ActionWorld) {
	result, err := w.Action.Act(t.Context(), w.prepared())
	if err != nil {
		t.Fatalf("the run of the world must succeed: %v", err)
	}
	if len(result.Drafts) == 0 && result.Output == nil {
		t.Error("an action makes a draft or an output")
	}
	for _, d := range result.Drafts {
		soundDraft(t, d)
	}
}

func soundDraft(t *testing.T, d engine.Draft) {
	t.Helper()
	if d.Kind < 0 || d.Kind > engine.MaxKind {
		t.Errorf("kind %d is outside 0..%d", d.Kind, engine.MaxKind)
	}
	for _, tag := range d.Tags {
		switch {
		case len(tag) == 0 || tag[0] == "":
			t.Errorf("a tag without a name: %q", tag)
		case (tag[0] == "e" || tag[0] == "p") && (len(tag) < 2 || !nostr.IsValid32ByteHex(tag[1])):
			t.Errorf("relays refuse an event with this tag: %.200q", tag)
		}
	}
}

func actEndsWithContext(t *testing.T, w ActionWorld) {
	run := w.prepared()
	run.Source = &Source{Delay: time.Hour}
	run.HTTP = silentHTTP
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	start := time.Now()
	// An action that waits for nobody may well succeed.
	_, _ = w.Action.Act(ctx, run)
	if took := time.Since(start); took > actionSlack {
		t.Errorf("returned %s after its context had ended", took)
	}
}

func survivesEmptyRun(t *testing.T, w ActionWorld) {
	run := w.prepared()
	run.Event, run.Relay, run.Relays, run.Own, run.Drafted = nil, "", nil, nil, nil
	result, err := w.Action.Act(t.Context(), run)
	if err == nil {
		for _, d := range result.Drafts {
			soundDraft(t, d)
		}
	}
}

func survivesStrangers(t *testing.T, w ActionWorld) {
	for _, e := range StrangeEvents() {
		run := w.prepared()
		run.Event, run.Relay = &e, "not a relay\x00"
		result, err := w.Action.Act(t.Context(), run)
		if err != nil {
			continue
		}
		for _, d := range result.Drafts {
			soundDraft(t, d)
		}
	}
}

// silentHTTP is a network on which nobody answers.
func silentHTTP(bool) *http.Client { return &http.Client{Transport: silence{}} }

type silence struct{}

func (silence) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}
