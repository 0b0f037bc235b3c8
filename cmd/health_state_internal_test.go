package cmd

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rhea/cmd/screen"
	"rhea/engine"
	"rhea/engine/config"
	"rhea/engine/ledger"
	"rhea/engine/ledger/sqlite"
)

// TestUnpublished tells what no relay has taken from what one has, what waits and what the operator did not want.
func TestUnpublished(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	at := func(age time.Duration, state engine.DeliveryState, reason string) ledger.Item {
		return ledger.Item{Delivery: engine.Delivery{Relay: one, State: state, Reason: reason, Committed: now.Add(-age)}}
	}
	const hour = time.Hour
	for name, tt := range map[string]struct {
		items []ledger.Item
		want  string
	}{
		"never made":          {nil, ""},
		"accepted by one":     {[]ledger.Item{at(hour, engine.Rejected, "blocked: no"), at(hour, engine.Accepted, "")}, ""},
		"waits for a moment":  {[]ledger.Item{at(time.Minute, engine.Pending, ""), at(time.Minute, engine.Rejected, "blocked: no")}, ""},
		"waits for an hour":   {[]ledger.Item{at(hour, engine.Retrying, "connect: refused")}, "it is not published yet, no relay takes it: " + one + " connect: refused"},
		"rejected everywhere": {[]ledger.Item{at(0, engine.Rejected, "pow: 20 bits"), at(0, engine.GivenUp, "no answer")}, "it was taken by no relay: " + one + " pow: 20 bits; " + one + " no answer"},
		"dropped by hand":     {[]ledger.Item{at(hour, engine.GivenUp, ledger.Dropped)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := unpublished(tt.items, "it", now)
			if got.Text != tt.want || ok != (tt.want != "") || ok && !got.warning {
				t.Errorf("%v %+v, want %s", ok, got, tt.want)
			}
		})
	}
}

// TestDead tells a feed that fails for a night from one that is gone.
func TestDead(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	night, week := now.Add(-10*time.Hour), now.Add(-7*24*time.Hour)
	for name, tt := range map[string]struct {
		status        string
		read, started time.Time
		want          bool
	}{
		"well":                          {"ok", week, week, false},
		"down for a night":              {"failing", night, week, false},
		"down for a week":               {"failing", week, night, true},
		"gone":                          {"gone", week, night, true},
		"never read since the start":    {"failing", time.Time{}, week, true},
		"not read yet":                  {"failing", time.Time{}, night, false},
		"held back is another's matter": {"held", week, week, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := feedStatus{Rule: "news", Address: "https://a.example", Status: tt.status, Read: screen.Moment(tt.read), Note: "404"}
			got, ok := feedFailed(f, tt.started, now)
			if ok != tt.want || ok && got.alert(now).String() != "news cannot read the feed https://a.example: 404" {
				t.Errorf("%v %+v", ok, got)
			}
		})
	}
}

// TestFromTheFuture tells a clock that was ahead by hours from one that was corrected.
func TestFromTheFuture(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	for ahead, want := range map[time.Duration]bool{-time.Hour: false, time.Minute: false, 3 * time.Hour: true, 73 * 365 * 24 * time.Hour: true} {
		if a, ok := fromTheFuture(now.Add(ahead), now); ok != want {
			t.Errorf("%s ahead: %v %+v", ahead, ok, a)
		}
	}
	if _, ok := fromTheFuture(time.Time{}, now); ok {
		t.Error("an empty state is from the future")
	}
	if _, ok := fromTheFuture(now, time.Unix(0, 0)); ok {
		t.Error("a clock that was never set is told of twice")
	}
}

// TestStateChecks looks through the state of a bot whose clock was ahead.
func TestStateChecks(t *testing.T) {
	t.Parallel()
	l, err := sqlite.Open(filepath.Join(t.TempDir(), "rhea.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	s := stateChecks{state: l, file: new(config.File), started: now}
	if found, err := s.run(t.Context(), now); err != nil || len(found) > 0 {
		t.Errorf("of an empty state: %v, %v", found, err)
	}
	d := engine.Decision{At: now.Add(3 * time.Hour), Rule: "r", Key: "k", Outcome: engine.Fired}
	if _, err := l.Commit(t.Context(), engine.Entry{Rule: "r", Key: "k", Decision: d}); err != nil {
		t.Fatal(err)
	}
	found, err := s.run(t.Context(), now)
	if a := found["future"]; err != nil || len(found) != 1 || !a.warning || !strings.Contains(a.Text, "2026-12-01T15:00:00Z") {
		t.Errorf("found %v, %v", found, err)
	}
}
