package bot

import (
	"context"
	"fmt"
	"hash/fnv"
	"strings"
	"time"
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
func (r *runner) saidLast(ctx context.Context, stream, person string) ([]string, error) {
	var last []string
	for _, stream := range []string{stream, newcomerStream(r.identity.Signer.PublicKey(), person)} {
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

// wordOfNewcomer puts the word of somebody who was never answered where newcomers' words are, and reports whether there
// is no time to confirm it.
func (r *runner) wordOfNewcomer(ctx context.Context, t *trial) (silent bool, err error) {
	bot := r.identity.Signer.PublicKey()
	if r.engine.follows.Known(bot)[t.Event.PubKey] {
		return false, nil
	}
	answered, err := r.answered(ctx, t.Event.PubKey, r.engine.Clock.Now().Add(time.Nanosecond))
	if err != nil || answered {
		return false, err
	}
	t.Position.Stream = newcomerStream(bot, t.Event.PubKey)
	t.Position.Value += " " + t.Event.PubKey
	return r.engine.floods.wordsFull(ctx, bot)
}

// wordsFull reports whether no more words are confirmed for now.
func (f *floods) wordsFull(ctx context.Context, bot string) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	over, err := f.over(ctx, []budget{{mark: floodMark("words", bot), most: wordFlood(), n: 1}}, time.Time{})
	return over != nil, err
}

// storeWord stores a word without a claim: whoever hears it again finds that it was heard.
func (r *runner) storeWord(ctx context.Context, t *trial) error {
	t.silent = true
	r.crowd.note(ctx, r, "more newcomers say stop than can be told that it was heard")
	p := *t.Position
	t.Position = nil
	if err := r.ledger.Advance(ctx, p); err != nil {
		return fmt.Errorf("storing what the author said: %w", err)
	}
	return nil
}
