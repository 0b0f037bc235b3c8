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

func newHealth(
	s stateChecks, rules []engine.Rule, l control.State, bot *bot.Bot, links func() []control.LinkStatus, log *slog.Logger,
) *health {
	return &health{
		log: log, started: time.Now(), rules: rules, links: links, fault: l.Fault, silent: bot.Silent,
		troubled: bot.Troubled, checkState: s.run,
		owes: func(ctx context.Context) (bool, error) {
			relays, err := l.Relays(ctx)
			return len(relays) > 0, err
		},
		now: time.Now, alerts: make(map[string]*noted),
	}
}

// begin checks the bot in the background until end is called.
func (h *health) begin(ctx context.Context) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() { h.watch(ctx) })
	return func() {
		cancel()
		watching.Wait()
	}
}

// watch checks the bot until ctx ends.
func (h *health) watch(ctx context.Context) {
	again := time.NewTicker(checkEvery)
	defer again.Stop()
	for {
		select {
		case <-again.C:
			h.check(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// live returns the status that [control.Ask] gets.
func (h *health) live(ctx context.Context) control.LiveStatus {
	return control.LiveStatus{
		BotStatus: control.BotStatus{PID: os.Getpid(), Version: Version, Started: h.started.UTC().Truncate(time.Second)},
		Links:     h.links(), Health: h.check(ctx),
	}
}

// check finds what is wrong now, logs what is due, and returns the alerts, the worst first.
func (h *health) check(ctx context.Context) []control.Alert {
	found, now := h.find(ctx), time.Now()
	h.mu.Lock()
	defer h.mu.Unlock()
	for about, known := range h.alerts {
		if _, still := found[about]; !still {
			delete(h.alerts, about)
			if !known.logged.IsZero() {
				h.log.Info("no longer: "+known.alert.Text, attrs(known.alert, now)...)
			}
		}
	}
	if _, silence := found[noInput]; !silence {
		h.hadInput = true
	}
	all := make([]control.Alert, 0, len(found))
	for about, f := range found {
		known, since := h.alerts[about], now
		switch {
		case known != nil:
			since = known.alert.Since
		case about == noInput && !h.hadInput:
			since = h.started
		}
		if known == nil {
			known = &noted{pause: firstReminder}
			h.alerts[about] = known
		}
		if !f.Since.IsZero() {
			since = f.Since
		}
		ripe := now.Sub(since) >= f.grace
		known.alert = f.alert(since)
		known.alert.Fatal = ripe && !f.warning
		if ripe || f.logAtOnce {
			h.logAlert(known, now)
		}
		all = append(all, known.alert)
	}
	slices.SortFunc(all, func(a, b control.Alert) int {
		return cmp.Or(cmp.Compare(rank(b), rank(a)), a.Since.Compare(b.Since), cmp.Compare(a.String(), b.String()))
	})
	return all
}

func rank(a control.Alert) int {
	if a.Fatal {
		return 1
	}
	return 0
}

// logAlert logs an alert, each time after a longer pause.
func (h *health) logAlert(n *noted, now time.Time) {
	if !n.logged.IsZero() {
		if now.Sub(n.logged) < n.pause {
			return
		}
		n.pause = min(2*n.pause, lastReminder)
	}
	n.logged = now
	h.log.Error(n.alert.Text, attrs(n.alert, now)...)
}

func attrs(a control.Alert, now time.Time) []any {
	attrs := []any{"for", engine.Duration(now.Sub(a.Since).Round(time.Second))}
	if a.Rule != "" {
		attrs = append(attrs, "rule", a.Rule)
	}
	return attrs
}
