package cmd

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"rhea/cmd/control"
	"rhea/engine"
	"rhea/engine/bot"
)

const (
	// checkEvery is how often a running bot checks itself.
	checkEvery = 10 * time.Second
	// noInputAfter is how long no relay may be heard, or nothing be stored, before the health check fails.
	noInputAfter = 2 * time.Minute
	// noOutputAfter is how long deliveries may be owed while no relay can be reached. They are not lost, and relays restart.
	noOutputAfter = 10 * time.Minute
	// firstReminder and lastReminder bound the pauses between two log lines about one alert.
	firstReminder = 5 * time.Minute
	lastReminder  = 6 * time.Hour
)

// finding is one thing that is wrong with a running bot, as one check found it.
type finding struct {
	Rule, Text string
	// Since is when it began; zero means when it was first found.
	Since time.Time
	// grace is how long it is only shown, before it is logged and makes the health check fail.
	grace time.Duration
	// With logAtOnce it is logged within its grace too. A warning never makes the health check fail.
	logAtOnce, warning bool
}

// alert is what is shown of a finding that began at a time.
func (f finding) alert(since time.Time) control.Alert {
	return control.Alert{Rule: f.Rule, Text: f.Text, Since: since}
}

// noted is an alert that lasts over several checks.
type noted struct {
	alert control.Alert
	// logged is when it was last logged, and pause how long it is not logged again.
	logged time.Time
	pause  time.Duration
}

// health checks what is wrong with a running bot, remembers since when, and logs it with growing pauses.
type health struct {
	log     *slog.Logger
	started time.Time
	rules   []engine.Rule
	links   func() []control.LinkStatus
	fault   func() (time.Time, error)
	silent  func() []bot.Silence
	// troubled returns the triggers that keep failing, and checkState what takes longer to find.
	troubled   func() []bot.Trouble
	checkState func(context.Context, time.Time) (map[string]finding, error)
	// now is the wall clock.
	now func() time.Time
	// owes reports whether anything is owed to a relay.
	owes func(context.Context) (bool, error)

	mu sync.Mutex
	// alerts holds what is wrong, by what it is about.
	alerts map[string]*noted
	// hadInput says that a relay was heard since the start.
	hadInput bool

	stateMu sync.Mutex
	// stateFound is what the last check of the state found, and stateCheckedAt when.
	stateFound     map[string]finding
	stateCheckedAt time.Time
}
