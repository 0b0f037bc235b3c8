package cmd

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"rhea/cmd/control"
	"rhea/cmd/screen"
	"rhea/engine"
	"rhea/engine/config"
)

const (
	// bannerGrace is how long the banner waits for relays, and bannerLook how often it looks meanwhile.
	bannerGrace = 3 * time.Second
	bannerLook  = 20 * time.Millisecond
)

// banner says once, at the start of a bot, who runs where.
type banner struct {
	file *config.File
	ids  map[string]engine.Identity
	// rules are those that run, with the relays that they really use.
	rules  []engine.Rule
	stored engine.Positions
	links  func() []control.LinkStatus
	// state is where everything is remembered, "" for nowhere; dry, once and sandbox are how the bot is run.
	state                string
	dry, once, inSandbox bool
	log                  *slog.Logger
	// asJSON has it told as one record of the log.
	asJSON bool
	out    io.Writer
	paint  screen.Paint
}

// begin tells when the relays that the bot listens to have answered, or have taken too long. End tells at once, if it is
// still to be told.
func (b banner) begin(ctx context.Context) (end func()) {
	if !b.log.Enabled(ctx, slog.LevelInfo) {
		return func() {}
	}
	waiting, cancel := context.WithTimeout(ctx, bannerGrace)
	var telling sync.WaitGroup
	telling.Go(func() {
		heard := b.heard()
		for b.connecting(heard) && engine.Wait(waiting, bannerLook) {
		}
		b.tell(context.WithoutCancel(ctx))
	})
	return func() {
		cancel()
		telling.Wait()
	}
}

// heard are the relays that the bot listens to all the time.
func (b banner) heard() map[string]bool {
	heard := make(map[string]bool)
	for i := range b.rules {
		if b.rules[i].Disabled || b.once {
			continue
		}
		for _, t := range b.rules[i].Triggers {
			for _, url := range t.Relays {
				heard[url] = true
			}
		}
	}
	return heard
}

// connecting reports whether the state of such a relay is still to be known.
func (b banner) connecting(heard map[string]bool) bool {
	known := 0
	for _, l := range b.links() {
		if heard[l.Relay] && (l.Up || l.Failure != "") {
			known++
		}
	}
	return known < len(heard)
}

func (b banner) tell(ctx context.Context) {
	now := time.Now()
	s := b.gather(ctx, now)
	if b.asJSON {
		b.log.Info("running", "version", s.Version, "state", s.State, "mode", s.Mode, "identities", s.Identities, "relays", s.Relays, "rules", s.Rules)
		return
	}
	io.WriteString(b.out, s.text(b.paint, now))
}

func (b banner) gather(ctx context.Context, now time.Time) startReport {
	s := startReport{Version: Version, State: b.remembers(), Mode: b.mode(), Relays: b.relays()}
	for _, id := range b.file.Identities {
		s.Identities = append(s.Identities, startIdentity{Name: id.Name, Npub: b.ids[id.Name].Npub})
	}
	for _, u := range b.file.Unmarked() {
		i := slices.IndexFunc(s.Identities, func(id startIdentity) bool { return id.Name == u.Identity.Name })
		if !b.dry {
			s.Identities[i].Marked = u.Rules[0].Name
		}
	}
	for i := range b.file.Rules {
		if !b.asJSON && i == bannerRules {
			s.MoreRules = len(b.file.Rules) - i
			break
		}
		s.Rules = append(s.Rules, b.rule(ctx, &b.file.Rules[i], now))
	}
	return s
}

// remembers names the state in full.
func (b banner) remembers() string {
	if whole, err := filepath.Abs(b.state); err == nil && b.state != "" {
		return whole
	}
	return cmp.Or(b.state, "a state in memory")
}

func (b banner) mode() string {
	var modes []string
	if b.dry {
		modes = append(modes, "dry run: nothing is published or stored")
	}
	if b.once {
		modes = append(modes, "one pass, then the end")
	}
	if b.inSandbox {
		modes = append(modes, "sandbox: one relay in this process stands for all")
	}
	return strings.Join(modes, "; ")
}

// relays lists all that the rules name, with their connections.
func (b banner) relays() []startRelay {
	state := make(map[string]*startRelay)
	listed := func(urls []string, as string) {
		for _, url := range urls {
			if state[url] == nil || as != linkIdle {
				state[url] = &startRelay{Relay: screen.HideTokens(url), State: as}
			}
		}
	}
	for i := range b.rules {
		if b.rules[i].Disabled {
			continue
		}
		listed(b.rules[i].Relays, linkIdle)
		for _, t := range b.rules[i].Triggers {
			listed(t.Relays, cmp.Or(b.unheard(), linkConnecting))
		}
	}
	for _, l := range b.links() {
		switch at := state[l.Relay]; {
		case at == nil:
		case l.Up:
			*at = startRelay{Relay: at.Relay, State: linkUp}
		case l.Failure != "" && at.State != linkUp:
			at.State, at.Reason = linkDown, screen.HideTokens(l.Failure)
		}
	}
	var all []startRelay
	for _, r := range state {
		all = append(all, *r)
	}
	slices.SortFunc(all, func(x, y startRelay) int { return strings.Compare(x.Relay, y.Relay) })
	return all
}

// unheard is the state of relays that one pass asks and does not listen to.
func (b banner) unheard() string {
	if b.once {
		return "asked once"
	}
	return ""
}

func (b banner) rule(ctx context.Context, r *engine.Rule, now time.Time) startRule {
	s := startRule{Rule: r.Name, DryRun: r.DryRun, Triggers: []startTrigger{}}
	if r.Disabled {
		s.Off = "disabled"
		return s
	}
	if value, err := b.stored.Position(ctx, engine.HoldStream(r.Name)); err == nil {
		if h, held := engine.ParseHold(value); held {
			s.Off = "held: " + h.Reason
		}
	}
	for i, stream := range r.Streams() {
		t := r.Triggers[i]
		one := startTrigger{Kind: t.Kind.Name, Relays: len(t.Relays)}
		trigger, err := t.Kind.Build(t.Config, engine.Setup{Rule: r.Name, Stream: stream, Relays: t.Relays})
		if planner, ok := trigger.(engine.Planner); ok && err == nil {
			one.Relays = 0 // It listens to nobody.
			if planned, err := planner.Plan(ctx, b.stored, now, 1); err == nil && len(planned) > 0 {
				one.Next, one.Note = &planned[0].Time, planned[0].Note
			}
		}
		s.Triggers = append(s.Triggers, one)
	}
	return s
}
