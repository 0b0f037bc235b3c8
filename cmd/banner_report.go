package cmd

import (
	"fmt"
	"strings"
	"time"

	"rhea/cmd/screen"
)

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
