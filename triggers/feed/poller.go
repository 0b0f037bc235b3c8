package feed

import (
	"context"
	"log/slog"
	"time"

	"rhea/engine"
)

// poller looks at one feed.
type poller struct {
	setup  engine.Setup
	config Config
	zone   *time.Location
	since  time.Time
	// reading is the one of all feeds of the rule.
	reading *reading

	turn   func(ctx context.Context, host string) (func(), error)
	url    string
	stream string
	// failed are the keys of items that failed before the rule was changed and were not offered again yet.
	failed []string
}

// look is what a poller keeps in memory from one look to the next.
type look struct {
	state  state
	stored state
	// done holds the keys of the present items that were dealt with.
	done map[string]bool
	// freshFor is how long the server's last answer is good.
	freshFor time.Duration
	failures int
}

func (p *poller) log() *slog.Logger { return p.setup.Log.With("feed", shownAddress(p.url)) }

// report puts into the history what stops a feed without an error of ours.
func (p *poller) report(ctx context.Context, in engine.Intake, reason string) {
	if err := in.Report(ctx, engine.Held, p.stream, reason); err != nil && ctx.Err() == nil {
		p.log().Warn("history not written", "error", err)
	}
}
