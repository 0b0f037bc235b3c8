package cmd

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

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

// ailment is one thing that is wrong with a running bot.
type ailment struct {
	Rule  string    `json:"rule,omitempty"`
	Text  string    `json:"text"`
	Since time.Time `json:"since"`
	// Fatal says that the bot does not do what it is for: healthcheck fails.
	Fatal bool `json:"fatal"`

	// bearable is how long it is no more than a line of status, and of the log where it is news; curable says that it
	// never is more than a warning.
	bearable      time.Duration
	news, curable bool
	// logged is when the log was last told of it, and pause how long it is not told again.
	logged time.Time
	pause  time.Duration
}

// String is the ailment in words.
func (a ailment) String() string {
	if a.Rule != "" {
		return a.Rule + " " + a.Text
	}
	return a.Text
}

// vitals knows what is wrong with a running bot and since when, and tells the log of it again and again.
type vitals struct {
	log     *slog.Logger
	started time.Time
	rules   []engine.Rule
	links   func() []linkStatus
	fault   func() (time.Time, error)
	silent  func() []bot.Silence
	// troubled are the triggers that keep failing, and survey is what else is wrong and costs more to find.
	troubled func() []bot.Trouble
	survey   func(context.Context, time.Time) (map[string]ailment, error)
	// now is what the clock on the wall shows.
	now func() time.Time
	// owes reports whether anything is owed to a relay.
	owes func(context.Context) (bool, error)

	mu sync.Mutex
	// ill holds what is wrong by what it is about.
	ill map[string]*ailment
	// heard says that something was heard since the start.
	heard bool

	surveying sync.Mutex
	// surveyed is what the last survey found, and when.
	surveyed   map[string]ailment
	surveyedAt time.Time
}

func newVitals(
	s surveyor, rules []engine.Rule, l fileState, bot *bot.Bot, links func() []linkStatus, log *slog.Logger,
) *vitals {
	return &vitals{
		log: log, started: time.Now(), rules: rules, links: links, fault: l.Fault, silent: bot.Silent,
		troubled: bot.Troubled, survey: s.survey,
		owes: func(ctx context.Context) (bool, error) {
			relays, err := l.Relays(ctx)
			return len(relays) > 0, err
		},
		now: time.Now, ill: make(map[string]*ailment),
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
func (v *vitals) live(ctx context.Context) liveStatus {
	return liveStatus{
		botStatus: botStatus{os.Getpid(), Version, v.started.UTC().Truncate(time.Second)},
		Links:     v.links(), Health: v.look(ctx),
	}
}

// look finds what is wrong now, tells the log what it should know, and returns the worst first.
func (v *vitals) look(ctx context.Context) []ailment {
	found, now := v.find(ctx), time.Now()
	v.mu.Lock()
	defer v.mu.Unlock()
	for about, known := range v.ill {
		if _, still := found[about]; !still {
			delete(v.ill, about)
			if !known.logged.IsZero() {
				v.log.Info("no longer: "+known.Text, known.attrs(now)...)
			}
		}
	}
	if _, silence := found[deaf]; !silence {
		v.heard = true
	}
	all := make([]ailment, 0, len(found))
	for about, a := range found {
		known := v.ill[about]
		if known == nil {
			known = &ailment{Since: now, pause: firstReminder}
			if about == deaf && !v.heard {
				known.Since = v.started
			}
			v.ill[about] = known
		}
		known.Rule, known.Text = a.Rule, a.Text
		if !a.Since.IsZero() {
			known.Since = a.Since
		}
		ripe := now.Sub(known.Since) >= a.bearable
		known.Fatal = ripe && !a.curable
		if ripe || a.news {
			v.tell(known, now)
		}
		all = append(all, *known)
	}
	slices.SortFunc(all, func(a, b ailment) int {
		return cmp.Or(cmp.Compare(rank(b), rank(a)), a.Since.Compare(b.Since), cmp.Compare(a.String(), b.String()))
	})
	return all
}

func rank(a ailment) int {
	if a.Fatal {
		return 1
	}
	return 0
}

// tell logs an ailment, each time after a longer pause.
func (v *vitals) tell(a *ailment, now time.Time) {
	if !a.logged.IsZero() {
		if now.Sub(a.logged) < a.pause {
			return
		}
		a.pause = min(2*a.pause, lastReminder)
	}
	a.logged = now
	v.log.Error(a.Text, a.attrs(now)...)
}

func (a *ailment) attrs(now time.Time) []any {
	attrs := []any{"for", engine.Duration(now.Sub(a.Since).Round(time.Second))}
	if a.Rule != "" {
		attrs = append(attrs, "rule", a.Rule)
	}
	return attrs
}
