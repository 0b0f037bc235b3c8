package cmd

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"rhea/cmd/control"
	"rhea/engine"
)

// deaf is what is wrong when no rule hears anything.
const deaf = "deaf"

// find returns what is wrong now, by what it is about.
func (v *vitals) find(ctx context.Context) map[string]finding {
	found := make(map[string]finding)
	if since, err := v.fault(); err != nil {
		found["state"] = finding{Text: "state: " + engine.Redact(err.Error()), Since: since, bearable: deafAfter, news: true}
	}
	if now := v.now(); engine.Unset(now) {
		found["clock"] = finding{
			Text: "the clock of this machine shows " + now.UTC().Format(time.RFC3339) + " and was never set: schedules wait for it; set it",
			news: true, curable: true,
		}
	}
	links := v.links()
	v.hearing(links, found)
	v.speaking(ctx, links, found)
	for _, t := range v.troubled() {
		found["trouble "+t.Rule+"/"+t.Trigger] = finding{
			Rule: t.Rule, Since: t.Since, curable: true,
			Text: fmt.Sprintf("trigger %s keeps failing: %s", t.Trigger, engine.Redact(t.Err.Error())),
		}
	}
	maps.Copy(found, v.surveyedNow(ctx))
	for _, s := range v.silent() {
		late := s.Since.Add(s.Every)
		if soon := v.started.Add(deafAfter); time.Now().Before(soon) {
			continue // What it waits for may be here in a moment.
		}
		found["silent "+s.Rule] = finding{
			Rule: s.Rule, Since: late,
			Text: fmt.Sprintf("has not fired since %s; expect_every is %s", s.Since.UTC().Format(time.RFC3339), engine.Duration(s.Every)),
		}
	}
	return found
}

// hearing finds the rules that listen and hear nothing from any of their relays.
func (v *vitals) hearing(links []control.LinkStatus, found map[string]finding) {
	listening, reason := 0, ""
	var ill []finding
	for i := range v.rules {
		r := &v.rules[i]
		if r.Disabled || !listens(r) {
			continue
		}
		listening++
		if why, hears := hears(r, links); !hears {
			reason = cmp.Or(reason, why)
			ill = append(ill, finding{
				Rule: r.Name, Text: strings.TrimSuffix("hears nothing: "+why, ": "), bearable: deafAfter, curable: true,
			})
		}
	}
	if listening > 0 && len(ill) == listening {
		found[deaf] = finding{Text: strings.TrimSuffix("no rule hears anything: "+reason, ": "), bearable: deafAfter}
		return
	}
	for _, a := range ill {
		found["deaf "+a.Rule] = a
	}
}

// listens reports whether people's events from relays set a rule off.
func listens(r *engine.Rule) bool {
	return slices.ContainsFunc(r.Triggers, func(t engine.RuleTrigger) bool { return t.Kind.Answers })
}

// hears reports whether a trigger of the rule hears a relay, and else why none does.
func hears(r *engine.Rule, links []control.LinkStatus) (why string, ok bool) {
	var reasons []string
	for i, stream := range r.Streams() {
		t := r.Triggers[i]
		if !t.Kind.Answers {
			continue
		}
		for _, l := range links {
			if !slices.Contains(t.Relays, l.Relay) {
				continue
			}
			refused := slices.IndexFunc(l.Refused, func(q control.RefusedQuery) bool { return of(q.Query, stream) })
			switch {
			case !l.Up:
				reasons = append(reasons, l.Relay+" "+cmp.Or(l.Failure, "is being connected"))
			case refused < 0:
				return "", true
			default:
				reasons = append(reasons, l.Relay+" refuses it: "+l.Refused[refused].Reason)
			}
		}
	}
	slices.Sort(reasons)
	return strings.Join(slices.Compact(reasons), "; "), false
}

// of reports whether a query is one of a trigger's stream.
func of(query, stream string) bool { return query == stream || strings.HasPrefix(query, stream+"/") }

// speaking finds out whether something is owed while no relay can be reached.
func (v *vitals) speaking(ctx context.Context, links []control.LinkStatus, found map[string]finding) {
	if slices.ContainsFunc(links, func(l control.LinkStatus) bool { return l.Up }) {
		return
	}
	// What cannot be read is the state's fault, which is found above.
	if owes, err := v.owes(ctx); err == nil && owes {
		found["mute"] = finding{Text: "what is owed cannot be sent: no relay can be reached", bearable: muteAfter}
	}
}
