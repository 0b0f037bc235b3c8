package cmd

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"rhea/cmd/control"
	"rhea/engine"
	"rhea/engine/bot"
)

const (
	// lookEvery is how often a running bot looks after itself.
	lookEvery = 10 * time.Second
	// deafAfter is how long nothing may be heard, or nothing be stored, until the bot counts as ill.
	deafAfter = 2 * time.Minute
	// muteAfter is how long nothing of what is owed may find a relay. What waits is not lost, and relays restart.
	muteAfter = 10 * time.Minute
	// firstReminder and lastReminder bound the pauses between two lines of the log about one thing.
	firstReminder = 5 * time.Minute
	lastReminder  = 6 * time.Hour
)

// finding is one thing that is wrong with a running bot, at one look.
type finding struct {
	Rule, Text string
	// Since is when it began, zero for when it was first seen.
	Since time.Time
	// bearable is how long it is no more than a line of status, and of the log where it is news; curable says that it
	// never is more than a warning.
	bearable      time.Duration
	news, curable bool
}

// ailment is what is told of the finding, which is there since a time.
func (f finding) ailment(since time.Time) control.Ailment {
	return control.Ailment{Rule: f.Rule, Text: f.Text, Since: since}
}

// noted is an ailment over several looks.
type noted struct {
	ailment control.Ailment
	// logged is when the log was last told of it, and pause how long it is not told again.
	logged time.Time
	pause  time.Duration
}

// vitals knows what is wrong with a running bot and since when, and tells the log of it again and again.
type vitals struct {
	log     *slog.Logger
	started time.Time
	rules   []engine.Rule
	links   func() []control.LinkStatus
	fault   func() (time.Time, error)
	silent  func() []bot.Silence
	// troubled are the triggers that keep failing, and survey is what else is wrong and costs more to find.
	troubled func() []bot.Trouble
	survey   func(context.Context, time.Time) (map[string]finding, error)
	// now is what the clock on the wall shows.
	now func() time.Time
	// owes reports whether anything is owed to a relay.
	owes func(context.Context) (bool, error)

	mu sync.Mutex
	// ill holds what is wrong by what it is about.
	ill map[string]*noted
	// heard says that something was heard since the start.
	heard bool

	surveying sync.Mutex
	// surveyed is what the last survey found, and when.
	surveyed   map[string]finding
	surveyedAt time.Time
}

func newVitals(
	s surveyor, rules []engine.Rule, l control.State, bot *bot.Bot, links func() []control.LinkStatus, log *slog.Logger,
) *vitals {
	return &vitals{
		log: log, started: time.Now(), rules: rules, links: links, fault: l.Fault, silent: bot.Silent,
		troubled: bot.Troubled, survey: s.survey,
		owes: func(ctx context.Context) (bool, error) {
			relays, err := l.Relays(ctx)
			return len(relays) > 0, err
		},
		now: time.Now, ill: make(map[string]*noted),
	}
}

// begin watches beside the bot, until end.
func (v *vitals) begin(ctx context.Context) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() { v.watch(ctx) })
	return func() {
		cancel()
		watching.Wait()
	}
}

// watch looks at the bot until ctx ends.
func (v *vitals) watch(ctx context.Context) {
	again := time.NewTicker(lookEvery)
	defer again.Stop()
	for {
		select {
		case <-again.C:
			v.look(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// live answers askStatus in the running bot.
func (v *vitals) live(ctx context.Context) control.LiveStatus {
	return control.LiveStatus{
		BotStatus: control.BotStatus{PID: os.Getpid(), Version: Version, Started: v.started.UTC().Truncate(time.Second)},
		Links:     v.links(), Health: v.look(ctx),
	}
}

// look finds what is wrong now, tells the log what it should know, and returns the worst first.
func (v *vitals) look(ctx context.Context) []control.Ailment {
	found, now := v.find(ctx), time.Now()
	v.mu.Lock()
	defer v.mu.Unlock()
	for about, known := range v.ill {
		if _, still := found[about]; !still {
			delete(v.ill, about)
			if !known.logged.IsZero() {
				v.log.Info("no longer: "+known.ailment.Text, attrs(known.ailment, now)...)
			}
		}
	}
	if _, silence := found[deaf]; !silence {
		v.heard = true
	}
	all := make([]control.Ailment, 0, len(found))
	for about, f := range found {
		known, since := v.ill[about], now
		switch {
		case known != nil:
			since = known.ailment.Since
		case about == deaf && !v.heard:
			since = v.started
		}
		if known == nil {
			known = &noted{pause: firstReminder}
			v.ill[about] = known
		}
		if !f.Since.IsZero() {
			since = f.Since
		}
		ripe := now.Sub(since) >= f.bearable
		known.ailment = f.ailment(since)
		known.ailment.Fatal = ripe && !f.curable
		if ripe || f.news {
			v.tell(known, now)
		}
		all = append(all, known.ailment)
	}
	slices.SortFunc(all, func(a, b control.Ailment) int {
		return cmp.Or(cmp.Compare(rank(b), rank(a)), a.Since.Compare(b.Since), cmp.Compare(a.String(), b.String()))
	})
	return all
}

func rank(a control.Ailment) int {
	if a.Fatal {
		return 1
	}
	return 0
}

// tell logs an ailment, each time after a longer pause.
func (v *vitals) tell(n *noted, now time.Time) {
	if !n.logged.IsZero() {
		if now.Sub(n.logged) < n.pause {
			return
		}
		n.pause = min(2*n.pause, lastReminder)
	}
	n.logged = now
	v.log.Error(n.ailment.Text, attrs(n.ailment, now)...)
}

func attrs(a control.Ailment, now time.Time) []any {
	attrs := []any{"for", engine.Duration(now.Sub(a.Since).Round(time.Second))}
	if a.Rule != "" {
		attrs = append(attrs, "rule", a.Rule)
	}
	return attrs
}
