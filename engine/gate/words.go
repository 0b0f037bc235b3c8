package gate

import (
	"context"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

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

// saidLast returns what a person said last, when, and in which event; "-" for nothing.
func (r *Rule) saidLast(ctx context.Context, stream, person string) ([]string, error) {
	var last []string
	for _, stream := range []string{stream, newcomerStream(r.pubkey(), person)} {
		value, err := r.ledger.Position(ctx, stream)
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

// asNewcomer puts the word of somebody who was never answered where newcomers' words are, and reports whether there is no
// time to confirm it.
func (r *Rule) asNewcomer(ctx context.Context, c *Candidate, at *engine.Position) (silent bool, err error) {
	if r.gates.follows.Known(r.pubkey())[c.Event.PubKey] {
		return false, nil
	}
	answered, err := r.answered(ctx, c.Event.PubKey, r.now().Add(time.Nanosecond))
	if err != nil || answered {
		return false, err
	}
	at.Stream = newcomerStream(r.pubkey(), c.Event.PubKey)
	at.Value += " " + c.Event.PubKey
	return r.gates.floods.wordsFull(ctx, r.pubkey())
}

// wordsFull reports whether no more words are confirmed for now.
func (f *floods) wordsFull(ctx context.Context, bot string) (bool, error) {
	over, err := f.look(ctx, "", []budget{{mark: floodMark("words", bot), most: wordFlood(), n: 1}})
	return over != nil, err
}
