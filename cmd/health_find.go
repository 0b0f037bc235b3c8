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

// noInput is the name of the finding that no rule hears a relay.
const noInput = "deaf"

// find returns what is wrong now, by what it is about.
func (h *health) find(ctx context.Context) map[string]finding {
	found := make(map[string]finding)
	if since, err := h.fault(); err != nil {
		found["state"] = finding{Text: "state: " + engine.Redact(err.Error()), Since: since, grace: noInputAfter, logAtOnce: true}
	}
	if now := h.now(); engine.Unset(now) {
		found["clock"] = finding{
			Text:      "the clock of this machine shows " + now.UTC().Format(time.RFC3339) + " and was never set: schedules wait for it; set it",
			logAtOnce: true, warning: true,
		}
	}
	links := h.links()
	h.findNoInput(links, found)
	h.findNoOutput(ctx, links, found)
	for _, t := range h.troubled() {
		found["trouble "+t.Rule+"/"+t.Trigger] = finding{
			Rule: t.Rule, Since: t.Since, warning: true,
			Text: fmt.Sprintf("trigger %s keeps failing: %s", t.Trigger, engine.Redact(t.Err.Error())),
		}
	}
	maps.Copy(found, h.stateFindings(ctx))
	for _, s := range h.silent() {
		late := s.Since.Add(s.Every)
		if soon := h.started.Add(noInputAfter); time.Now().Before(soon) {
			continue // What the rule waits for may arrive in a moment.
		}
		found["silent "+s.Rule] = finding{
			Rule: s.Rule, Since: late,
			Text: fmt.Sprintf("has not fired since %s; expect_every is %s", s.Since.UTC().Format(time.RFC3339), engine.Duration(s.Every)),
		}
	}
	return found
}

// findNoInput finds the rules that subscribe to relays and hear none of them.
func (h *health) findNoInput(links []control.LinkStatus, found map[string]finding) {
	listening, reason := 0, ""
	var ill []finding
	for i := range h.rules {
		r := &h.rules[i]
		if r.Disabled || !takesInput(r) {
			continue
		}
		listening++
		if why, hears := hasInput(r, links); !hears {
			reason = cmp.Or(reason, why)
			ill = append(ill, finding{
				Rule: r.Name, Text: strings.TrimSuffix("hears nothing: "+why, ": "), grace: noInputAfter, warning: true,
			})
		}
	}
	if listening > 0 && len(ill) == listening {
		found[noInput] = finding{Text: strings.TrimSuffix("no rule hears anything: "+reason, ": "), grace: noInputAfter}
		return
	}
	for _, a := range ill {
		found["deaf "+a.Rule] = a
	}
}

// takesInput reports whether events from relays trigger a rule.
func takesInput(r *engine.Rule) bool {
	return slices.ContainsFunc(r.Triggers, func(t engine.RuleTrigger) bool { return t.Kind.Answers })
}

// hasInput reports whether a trigger of the rule hears a relay, and if not, why.
func hasInput(r *engine.Rule, links []control.LinkStatus) (why string, ok bool) {
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
			refused := slices.IndexFunc(l.Refused, func(q control.RefusedQuery) bool { return isOf(q.Query, stream) })
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

// isOf reports whether a query is one of a trigger's stream.
func isOf(query, stream string) bool { return query == stream || strings.HasPrefix(query, stream+"/") }

// findNoOutput finds out whether deliveries are owed while no relay can be reached.
func (h *health) findNoOutput(ctx context.Context, links []control.LinkStatus, found map[string]finding) {
	if slices.ContainsFunc(links, func(l control.LinkStatus) bool { return l.Up }) {
		return
	}
	// A state that cannot be read is a finding of its own, see above.
	if owes, err := h.owes(ctx); err == nil && owes {
		found["mute"] = finding{Text: "what is owed cannot be sent: no relay can be reached", grace: noOutputAfter}
	}
}
