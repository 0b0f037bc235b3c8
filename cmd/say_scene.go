package cmd

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/nbd-wtf/go-nostr"

	"rhea/cmd/screen"
	"rhea/engine"
)

// scene prints a conversation with a sandbox.
type scene struct {
	app   *app
	who   *visitor
	said  nostr.Event
	cards *cards
}

func newScene(a *app, w *visitor, said nostr.Event) *scene {
	return &scene{a, w, said, newCards(a.Out, a.paint(), func(pubkey string) string { return w.called(pubkey) })}
}

// called is how a public key is called: by the name of the identity.
func (w *visitor) called(pubkey string) string {
	for _, id := range w.Identities {
		if id.Pubkey == pubkey {
			return id.Name
		}
	}
	return screen.Short(pubkey)
}

// open prints what was said.
func (s *scene) open() {
	to := "everybody"
	for _, tag := range s.said.Tags {
		if len(tag) > 1 && tag[0] == "p" {
			to = s.who.called(tag[1])
			break
		}
	}
	s.cards.print(s.who.name+" to "+to+" · "+screen.Short(s.said.ID), strings.Split(s.said.Content, "\n"), nil)
}

// answer prints one thing that came back.
func (s *scene) answer(n answerEvent) {
	body := strings.Split(strings.TrimRight(n.Event.Content, "\n"), "\n")
	if n.Event.Kind == nostr.KindRepost || n.Event.Kind == nostr.KindGenericRepost {
		body = []string{"(what was said)"} // The content is an event.
	}
	by := s.who.called(n.Event.PubKey)
	if n.Rule != "" {
		by += ", by the rule " + n.Rule
	}
	s.cards.print(title(n.Event), body, []string{"from     " + by, "id       " + screen.Short(n.Event.ID)})
}

// end says how the conversation goes on.
func (s *scene) end(h heard, wait time.Duration) {
	if len(h.answers) == 0 {
		s.silence(h, wait)
	}
	for _, n := range slices.Backward(h.answers) {
		if n.Event.Kind == nostr.KindTextNote || n.Event.Kind == nostr.KindComment {
			printLine(s.app.Out, "Answer it: %s", s.verb("say "+s.as()+"--reply-to "+screen.Short(n.Event.ID)+` "…"`))
			return
		}
	}
}

// verb writes a command line about the sandbox.
func (s *scene) verb(words string) string {
	sandbox := *s.app
	if !slices.Equal(absolute(sandbox.paths), s.who.Configs) {
		sandbox.paths = s.who.Configs
	}
	return sandbox.verb(words)
}

// as is the flag for the visitor, unless that is the usual one.
func (s *scene) as() string {
	if s.who.name == "visitor" {
		return ""
	}
	return "--as " + quoted(s.who.name) + " "
}

// silence says why nothing came back.
func (s *scene) silence(h heard, wait time.Duration) {
	out, decided, rules := s.app.Out, h.rules(), 0
	printLine(out, "The bot stays silent.")
	for _, d := range h.decisions {
		why := d.Reason
		if why == "" && len(d.Published) == 0 && (d.Outcome == engine.Fired || d.Outcome == engine.DryRun) {
			why = "nothing was published"
		}
		s.because(d.Rule, strings.TrimSuffix(string(d.Outcome)+": "+why, ": "))
	}
	for _, id := range s.who.Identities {
		for _, rule := range id.Rules {
			rules++
			switch {
			case decided[rule.Name]:
			case mayHear(id, rule, s.said):
				s.because(rule.Name, "has not heard it, or is not done after "+engine.Duration(wait).String()+" (--wait)")
			default:
				s.because(rule.Name, "has not heard it: it was not said to "+id.Name)
			}
		}
	}
	switch {
	case rules == 0:
		printLine(out, "It has no rule that answers people.")
	case len(s.who.Configs) > 0:
		written, _ := json.Marshal(map[string]string{"content": s.said.Content}) // A text always marshals.
		printLine(out, "Step by step: %s", s.verb("explain --event "+quoted(string(written))))
	}
}

// because prints what one rule says.
func (s *scene) because(rule, why string) {
	for i, line := range screen.Wrap(screen.OneLine(rule+"  "+why), screen.Width-4) {
		printLine(s.app.Out, "%s%s", "  "+strings.Repeat(" ", min(2*i, 2)), line)
	}
}

// quoted makes a text one word of a command line.
func quoted(text string) string {
	if strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
