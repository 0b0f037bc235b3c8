package cmd

import (
	"cmp"
	"context"
	"fmt"
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

// The states of a relay at the start.
const (
	linkUp         = "connected"
	linkConnecting = "connecting"
	linkDown       = "unreachable"
	// linkIdle is a relay that nobody listens to.
	linkIdle = "when there is something to publish"
)

// startReport is who runs where. Its parts have JSON names because they are told in the log.
type startReport struct {
	Version, State string
	// Mode is what is not as usual, "" for nothing.
	Mode       string
	Identities []startIdentity
	Relays     []startRelay
	Rules      []startRule
	// MoreRules is how many are left out.
	MoreRules int
}

type startIdentity struct {
	Name string `json:"name"`
	Npub string `json:"npub"`
	// Marked is the name under which it is published as a bot if no relay has a profile of it, "" when the configuration
	// says what its profile is or should not be.
	Marked string `json:"marked,omitempty"`
}

type startRelay struct {
	Relay  string `json:"relay"`
	State  string `json:"state"`
	Reason string `json:"reason,omitempty"`
}

type startRule struct {
	Rule string `json:"rule"`
	// Off is why the rule does not run, "" when it does.
	Off      string         `json:"off,omitempty"`
	DryRun   bool           `json:"dry_run,omitempty"`
	Triggers []startTrigger `json:"triggers"`
}

type startTrigger struct {
	Kind string `json:"kind"`
	// Relays is how many relays it listens to.
	Relays int        `json:"relays,omitempty"`
	Next   *time.Time `json:"next,omitempty"`
	Note   string     `json:"note,omitempty"`
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

// Lines of a list that are printed at the start; `rhea status` has all.
const (
	bannerRelays = 12
	bannerRules  = 20
)

// text is the start for people.
func (s startReport) text(p screen.Paint, now time.Time) string {
	var b strings.Builder
	line := func(first, indent, text string) {
		for i, part := range screen.Hang(first, indent, screen.OneLine(text), screen.Width) {
			if first == "" && i == 0 {
				part = p.Bold(part)
			}
			b.WriteString(part + "\n")
		}
	}
	line("", "  ", fmt.Sprintf("rhea %s is running on %s", s.Version, s.State))
	if s.Mode != "" {
		line("  ", "  ", s.Mode)
	}
	label := labels(s.Identities, func(id startIdentity) string { return id.Name }, longestIdentity)
	for _, id := range s.Identities[:min(len(s.Identities), bannerRelays)] {
		line(label(id), "  ", id.Npub)
		if id.Marked != "" {
			line("    ", "    ", fmt.Sprintf("answers people without a profile: it is published as a bot called %q, or the profile that relays "+
				"have is marked as a bot's; profile: false leaves it alone", id.Marked))
		}
	}
	more(&b, len(s.Identities)-bannerRelays, "identity")
	for _, r := range s.Relays[:min(len(s.Relays), bannerRelays)] {
		state := r.State
		if r.Reason != "" {
			state += ": " + r.Reason
		}
		line("  ", "    ", r.Relay+"  "+state)
	}
	more(&b, len(s.Relays)-bannerRelays, "relay")
	name := labels(s.Rules, func(r startRule) string { return r.Rule }, longestRule)
	for _, r := range s.Rules {
		line(name(r), strings.Repeat(" ", screen.WidthOf(name(r))), r.words(now))
	}
	more(&b, s.MoreRules, "rule")
	return b.String()
}

// The widest names that are printed at the start; that of an identity leaves room for its npub.
const (
	longestIdentity = 13
	longestRule     = 20
)

// labels returns what makes labels of equal width of the names of all.
func labels[T any](all []T, name func(T) string, most int) func(T) string {
	short := func(x T) string { return screen.Clip(screen.OneLine(name(x)), most) }
	wide := 0
	for _, x := range all {
		wide = max(wide, screen.WidthOf(short(x)))
	}
	return func(x T) string { return "  " + short(x) + strings.Repeat(" ", wide+2-screen.WidthOf(short(x))) }
}

func more(b *strings.Builder, n int, noun string) {
	if n > 0 {
		fmt.Fprintf(b, "  and %s; see rhea status\n", strings.Replace(screen.Count(n, noun), " ", " more ", 1))
	}
}

// words says what a rule listens to, or when it does something next.
func (r startRule) words(now time.Time) string {
	var all []string
	for _, t := range r.Triggers {
		text := t.Kind
		switch {
		case t.Next != nil && t.Next.After(now):
			text += fmt.Sprintf(", next %s, in %s", shortTime(*t.Next, "Mon 2006-01-02 15:04", " MST"), roughly(t.Next.Sub(now)))
		case t.Next != nil:
			text += ", now"
		case t.Relays > 0:
			text += " on " + screen.Count(t.Relays, "relay")
		}
		if t.Note != "" {
			text += " (" + t.Note + ")"
		}
		all = append(all, text)
	}
	if r.Off != "" {
		all = append([]string{r.Off}, all...)
	} else if r.DryRun {
		all = append([]string{"dry run"}, all...)
	}
	return strings.Join(all, "; ")
}
