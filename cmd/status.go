package cmd

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rhea/cmd/control"
	"rhea/cmd/screen"
	"rhea/engine"
)

func (a *app) status() *cobra.Command {
	var o output
	c := &cobra.Command{
		Use:   "status",
		Short: "Say how the bot is",
		Long: "Say how the bot is: its rules, its relays, what it owes, its feeds. Works while the bot runs, and then says\n" +
			"which relays are up, and when it does not. Outcomes are those of the last 24 hours.",
		Example: "  rhea status\n  rhea status -o json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			s, err := a.stateRef(o.state)
			if err != nil {
				return err
			}
			now := time.Now()
			st, err := s.status(c.Context(), now)
			if err != nil {
				return err
			}
			if o.json() {
				return printJSON(a.Out, st)
			}
			a.printStatus(st, now)
			return nil
		},
	}
	o.flags(c)
	return c
}

// printStatus is the status for people: what is wrong stands in words below what it is about.
func (a *app) printStatus(st status, now time.Time) {
	switch {
	case st.Bot != nil:
		printLine(a.Out, "The bot is running (pid %d, %s, since %s) on %s.", st.Bot.PID, st.Bot.Version, screen.Span(now.Sub(st.Bot.Started)), st.State)
	case st.Unasked != "":
		printLine(a.Out, "The bot is running on %s.", st.State)
		a.alert("%s", st.Unasked)
	default:
		printLine(a.Out, "The bot is not running on %s.", st.State)
	}
	for _, h := range st.Health {
		a.alert("%s (for %s)", h, screen.Span(now.Sub(h.Since)))
	}
	a.printRules(st.Rules, now)
	a.printCrowds(st.Slowed, now)
	a.printRelays(st.Relays, now)
	a.printFeeds(st.Feeds, now)
	owed := "nothing is owed"
	if st.Outbox.Owed > 0 {
		owed = fmt.Sprintf("%d owed, the oldest from %s", st.Outbox.Owed, screen.Ago(*st.Outbox.Oldest, now))
	}
	printLine(a.Out, "\nOutbox: %s; %d accepted, %d rejected, %d given up.", owed, st.Outbox.Accepted, st.Outbox.Rejected, st.Outbox.GivenUp)
}

func (a *app) printRules(rules []ruleStatus, now time.Time) {
	if len(rules) == 0 {
		return
	}
	printLine(a.Out, "")
	t := screen.Table{Columns: []screen.Column{
		{Title: "RULE", Least: 10}, {Title: "STATE"}, {Title: "FIRED"}, {Title: "ACCEPTED"}, {Title: "NEXT"}, {Title: "LAST 24 H", Least: 12},
	}}
	for _, r := range rules {
		next := ""
		switch {
		case r.Next == nil, len(r.Holds) > 0:
		case r.Next.After(now):
			next = screen.Ago(*r.Next, now)
		default:
			next = "due"
		}
		t.Add(r.Rule, r.word(), screen.Since(r.Fired, now), screen.Since(r.Accepted, now), next, outcomesText(r.Outcomes))
	}
	t.Write(a.Out)
	// Without a configuration nobody knows which rules are gone.
	all := !slices.ContainsFunc(rules, func(r ruleStatus) bool { return r.Configured })
	for _, r := range rules {
		if r.Waiting > 0 {
			a.alert("%s: %d wait for its limit; see rhea outbox list", r.Rule, r.Waiting)
		}
		for _, h := range r.Holds {
			a.alert("%s is held (%s): %s", r.Rule, screen.Ago(h.Since, now), h.Reason)
		}
		if f := r.Failed; f != nil && (all || r.Configured && !r.Disabled) {
			often := ""
			if n := r.Outcomes[f.Outcome]; n > 1 {
				often = fmt.Sprintf(", %d times in 24 h", n)
			}
			a.alert("%s: %s %s%s: %s", r.Rule, f.Outcome, screen.Ago(f.At, now), often, cmp.Or(f.Reason, "see rhea history --rule "+r.Rule))
		}
	}
}

// alert prints what the operator has to know, whole: it may hold the cure.
func (a *app) alert(format string, args ...any) {
	for _, line := range screen.Hang("! ", "  ", screen.OneLine(screen.HideTokens(fmt.Sprintf(format, args...))), screen.Width) {
		printLine(a.Out, "%s", line)
	}
}

// word is the state of a rule.
func (r ruleStatus) word() string {
	switch {
	case len(r.Holds) > 0:
		return "held"
	case r.Rule == control.SendRule:
		return "by hand"
	case !r.Configured:
		return "gone"
	case r.Disabled:
		return "disabled"
	case r.DryRun:
		return "dry run"
	}
	return "on"
}

// outcomesText lists the most frequent outcomes first.
func outcomesText(counts map[engine.Outcome]int) string {
	words := slices.SortedFunc(maps.Keys(counts), func(x, y engine.Outcome) int {
		return cmp.Or(cmp.Compare(counts[y], counts[x]), cmp.Compare(x, y))
	})
	parts := make([]string, len(words))
	for i, o := range words {
		parts[i] = strconv.Itoa(counts[o]) + " " + string(o)
	}
	return strings.Join(parts, ", ")
}

func (a *app) printRelays(relays []relayStatus, now time.Time) {
	if len(relays) == 0 {
		return
	}
	printLine(a.Out, "")
	t := screen.Table{Columns: []screen.Column{
		{Title: "RELAY", Least: 20}, {Title: "LINK"}, {Title: "OWED", Right: true}, {Title: "LAST ANSWER"}, {Title: "WHY", Least: 12, Whole: true},
	}}
	for _, r := range relays {
		link := "?"
		why := r.Reason
		switch {
		case r.Up != nil && *r.Up:
			if link = "up"; r.refuses() {
				link = "up, refuses"
			}
		case r.Up != nil:
			link, why = "down", cmp.Or(r.Failure, why)
		}
		answer := "never"
		if r.Answered != nil {
			answer = string(r.Answer) + " " + screen.Ago(*r.Answered, now)
		}
		t.Add(r.Relay, link, strconv.Itoa(r.Owed), answer, why)
	}
	t.Write(a.Out)
	for _, r := range relays {
		if r.Gap != "" {
			a.alert("events of %s may be missing: %s", r.Relay, r.Gap)
		}
		a.printRefused(r, now)
	}
}

// refuses reports whether the relay serves some query not at all, or said no to what it was sent last.
func (r relayStatus) refuses() bool { return len(r.Refused) > 0 || r.Answer == engine.Rejected }

// printRefused prints which queries a relay does not serve, a line for each reason.
func (a *app) printRefused(r relayStatus, now time.Time) {
	queries := make(map[string][]string)
	since := make(map[string]time.Time)
	for _, q := range r.Refused {
		queries[q.Reason] = append(queries[q.Reason], q.Query)
		if first, ok := since[q.Reason]; !ok || q.Since.Before(first) {
			since[q.Reason] = q.Since
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(queries)) {
		a.alert("%s does not serve %s (for %s): %s",
			r.Relay, strings.Join(slices.Compact(queries[reason]), ", "), screen.Span(now.Sub(since[reason])), reason)
	}
}

func (a *app) printFeeds(feeds []feedStatus, now time.Time) {
	if len(feeds) == 0 {
		return
	}
	printLine(a.Out, "")
	t := screen.Table{Columns: []screen.Column{
		{Title: "FEED", Least: 24}, {Title: "RULE", Least: 8}, {Title: "STATE"}, {Title: "READ"}, {Title: "WHY", Least: 12, Whole: true},
	}}
	for _, f := range feeds {
		read := screen.Since(f.Read, now)
		why := f.Note
		if f.Rest != nil {
			why = strings.TrimPrefix(why+"; asked again "+screen.Ago(*f.Rest, now), "; ")
		}
		t.Add(f.Address, f.Rule, f.Status, read, why)
	}
	t.Write(a.Out)
}

func (a *app) printCrowds(crowds []engine.Hold, now time.Time) {
	for _, c := range crowds {
		a.alert("slowed down (%s), goes on by itself: %s", screen.Ago(c.Since, now), c.Reason)
	}
}
