package cmd

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/cmd/screen"
	"rhea/engine"
	"rhea/engine/rehearsal"
)

// print writes what a survey found, in lines that fit a terminal.
func (o *onlineReport) print(w io.Writer, p screen.Paint) {
	printLine(w, "%s", p.Bold("relays"))
	for _, r := range o.Relays {
		r.print(w, p)
	}
	printLine(w, "%s", p.Bold("rules, shown what is there now as if it were new; nothing was sent"))
	for _, r := range o.Rules {
		r.print(w, p)
	}
}

func (r relayReport) print(w io.Writer, p screen.Paint) {
	if !r.Answers {
		printLine(w, "  %s %s", p.Red("silent"), r.Relay)
		return
	}
	facts := []string{"answers in " + (time.Duration(r.Milliseconds) * time.Millisecond).String()}
	switch says := r.Says; {
	case says == nil:
		facts = append(facts, "says nothing about itself")
	default:
		facts = append(facts, says.facts()...)
	}
	printWrapped(w, "  "+p.Green("ok")+"     ", "         ", r.Relay+": "+strings.Join(facts, ", "))
}

// facts puts the information document of a relay into words.
func (s relaySays) facts() []string {
	var all []string
	add := func(is bool, text string) {
		if is {
			all = append(all, text)
		}
	}
	add(s.Auth, "wants authentication")
	add(s.Payment, "wants payment")
	add(s.Restricted, "takes events from some authors only")
	add(s.PoW > 0, fmt.Sprintf("wants %d bits of proof of work", s.PoW))
	for _, kinds := range s.Refused {
		if kinds[0] == kinds[1] {
			all = append(all, fmt.Sprintf("does not keep kind %d", kinds[0]))
		} else {
			all = append(all, fmt.Sprintf("does not keep kinds %d to %d", kinds[0], kinds[1]))
		}
	}
	return all
}

func (r rulePreview) print(w io.Writer, p screen.Paint) {
	printLine(w, "  %s", p.Bold(r.Rule))
	switch {
	case r.Error != "" && len(r.Signals) == 0:
		printLine(w, "    %s", p.Red("could not look"))
	case len(r.Signals) == 0:
		printLine(w, "    %s", p.Dim("nothing is there"))
	}
	for _, v := range r.Signals {
		word := p.Red(string(v.Outcome.Outcome))
		if v.Outcome.Outcome == engine.Fired || v.Outcome.Outcome == engine.DryRun {
			word = p.Green(string(v.Outcome.Outcome))
		}
		what := v.Trigger + " " + previewedWhat(v.Outcome)
		if v.Outcome.Outcome != engine.Fired && v.Reason != "" {
			what += ": " + v.Reason
		}
		printWrapped(w, "    "+word+"  ", "      ", screen.OneLine(what))
		for _, owed := range v.Owed {
			printLine(w, "      %s", screen.Clip(screen.OneLine(fmt.Sprintf("kind %d: %s", owed.Event.Kind, contentOf(owed.Event))), screen.Width-6))
			printWrapped(w, "      "+p.Dim("to "), "         ", strings.Join(owed.Relays, " "))
		}
	}
}

// previewedWhat names a signal for a person: when it is planned, who wrote the event, or which item it is.
func previewedWhat(o rehearsal.Outcome) string {
	if o.Event != nil {
		return fmt.Sprintf("%.8s… by %.8s… at %s", o.Event.ID, o.Event.PubKey, o.Event.CreatedAt.Time().UTC().Format(time.RFC3339))
	}
	return o.Key
}

// contentOf is what is to be seen of an event: its text, or its tags.
func contentOf(e nostr.Event) string {
	if e.Content != "" || len(e.Tags) == 0 {
		return e.Content
	}
	return fmt.Sprint(e.Tags)
}

// printWrapped writes a text in lines that fit; the first one begins with first, which may be coloured.
func printWrapped(w io.Writer, first, other, text string) {
	for i, line := range screen.Wrap(text, screen.Width-len(other)) {
		if i == 0 {
			printLine(w, "%s%s", first, line)
		} else {
			printLine(w, "%s%s", other, line)
		}
	}
}
