package gate

import (
	"context"
	"fmt"
	"hash/fnv"
	"regexp"
	"slices"
	"strings"

	"github.com/nbd-wtf/go-nostr"

	"rhea/engine"
)

// newcomerWords is how many words of people are remembered whom the identity has never answered. A newer one takes the
// place of an older one, so that throw-away keys cannot fill the disk; people who were answered have places of their own.
const newcomerWords = 1 << 14

// newcomerStream names the position that holds the word of a newcomer.
func newcomerStream(bot, person string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(person))
	return fmt.Sprintf("opt_out/%s/newcomer/%d", bot, h.Sum32()%newcomerWords)
}

// words knows what people said to the identity.
type words struct{ facts *facts }

// saidLast returns what a person said last, when, and in which event; "-" for nothing.
func (r *words) saidLast(ctx context.Context, stream, person string) ([]string, error) {
	var last []string
	for _, stream := range []string{stream, newcomerStream(r.facts.pubkey(), person)} {
		value, err := r.facts.ledger.Position(ctx, stream)
		if err != nil {
			return nil, fmt.Errorf("looking up opt-outs: %w", err)
		}
		said := strings.Fields(value)
		if len(said) == 4 && said[3] != person || len(said) < 3 {
			continue
		}
		if last == nil || said[1] > last[1] {
			last = said[:3]
		}
	}
	if last == nil {
		last = []string{"-", "-", "-"}
	}
	return last, nil
}

const (
	wordStop  = "stop"
	wordStart = "start"
)

// addressee matches how a message names whom it is written to.
var addressee = regexp.MustCompile(`(?i)(nostr:|@)?\bn(pub|profile)1[a-z0-9]+|#\[\d+\]`)

// around is what may stand around a word.
const around = " \t\r\n.,:;!?\"'"

// maxWord is the longest message that is looked at for a word.
const maxWord = 1000

// wordOf returns whether a message to the bot says to stop or to start, and nothing else.
func (r *words) wordOf(c *Candidate) string {
	if !c.Direct || c.Event == nil || c.Queued { // What has waited was heard before it did.
		return ""
	}
	return WordIn(c.Event, r.facts.rule.OptOut)
}

// WordIn returns which of the words an event consists of, "" for none.
func WordIn(e *nostr.Event, o *engine.OptOut) string {
	if o == nil || len(e.Content) > maxWord {
		return ""
	}
	if saysMore(e.Content, o) {
		return ""
	}
	text := strings.Trim(addressee.ReplaceAllString(e.Content, ""), around)
	is := func(word string) bool { return strings.EqualFold(word, text) }
	switch {
	case text == "":
		return ""
	case slices.ContainsFunc(o.Stop, is):
		return wordStop
	case slices.ContainsFunc(o.Start, is):
		return wordStart
	}
	return ""
}

// saysMore reports whether a message surely says more than one of the words, as nearly every message does: some part of it
// is in none of them and names nobody.
func saysMore(content string, o *engine.OptOut) bool {
	for part := range strings.FieldsSeq(content) {
		if strings.Contains(part, "1") || strings.Contains(part, "#[") {
			continue // It may name somebody.
		}
		part = strings.Trim(part, around)
		in := func(word string) bool {
			for of := range strings.FieldsSeq(word) {
				if strings.EqualFold(strings.Trim(of, around), part) {
					return true
				}
			}
			return false
		}
		if part != "" && !slices.ContainsFunc(o.Stop, in) && !slices.ContainsFunc(o.Start, in) {
			return true
		}
	}
	return false
}
