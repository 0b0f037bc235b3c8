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
	// seen is what the look at hand has found, and told says that the first one that went well was told.
	seen seen
	told bool
}

// seen counts what a look has found.
type seen struct {
	// first says that it was the first look ever, for which what was there is skipped as configured.
	first               bool
	items, new, skipped int
}

// tell says once a start what was there, and when the feed is looked at again.
func (p *poller) tell(l *look, pause time.Duration) {
	if l.told {
		return
	}
	l.told = true
	attrs := []any{"items", l.seen.items, "new", l.seen.new}
	message := "feed read"
	if l.seen.first {
		message, attrs = "feed read for the first time", append(attrs, "skipped", l.seen.skipped)
	}
	p.log().Info(message, append(attrs, "again_in", engine.Duration(pause.Round(time.Second)))...)
}

func (p *poller) log() *slog.Logger { return p.setup.Log.With("feed", shownAddress(p.url)) }

// report puts into the history what stops a feed without an error of ours.
func (p *poller) report(ctx context.Context, in engine.Intake, reason string) {
	if err := in.Report(ctx, engine.Held, p.stream, reason); err != nil && ctx.Err() == nil {
		p.log().Warn("history not written", "error", err)
	}
}
