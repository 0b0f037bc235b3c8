package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"rhea/engine"
)

// Bounds of the break of an author who has been taken for a bot before, and when that is forgotten.
const (
	longestBreak = 14 * 24 * time.Hour
	breaksForget = 30 * 24 * time.Hour
)

// restless is what is known of an author who wrote to a rule and got no answer. It is stored as a position, because
// marks only tell of answers.
type restless struct {
	// Since is when the author last came out of a break, Heard when the author last wrote in vain.
	Since time.Time `json:"since"`
	Heard time.Time `json:"heard"`
	// Bot says that the author is taken for a bot, Times how often that was so.
	Bot   bool `json:"bot,omitempty"`
	Times int  `json:"times,omitempty"`
}

func (r *runner) restlessStream(author string) string {
	return "restless/" + r.rule.Name + "/" + author
}

// patienceGate stops an exchange that has no end because the other side never tires.
func (r *runner) patienceGate(ctx context.Context, t *trial) (engine.Outcome, string, error) {
	mark := r.limitMark("author", t.Event.PubKey)
	leave, err := r.patience.enter(ctx, mark)
	if err != nil {
		return pass, "", err
	}
	t.leave = append(t.leave, leave)
	t.count(mark)
	now := r.engine.Clock.Now()
	known, answers, err := r.restlessness(ctx, t, now)
	if err != nil {
		return pass, "", err
	}
	if !known.Bot && answers >= r.rule.Patience.Answers {
		known.Bot, known.Times = true, known.Times+1
	}
	if !known.Bot {
		return pass, "", nil
	}
	known.Heard = now
	t.Position = known.position(r.restlessStream(t.Event.PubKey))
	return engine.Loop, fmt.Sprintf("the author got %d answers without a break of %s: taken for a bot until there is one of %s",
		r.rule.Patience.Answers, engine.Duration(r.rule.Patience.Break), engine.Duration(r.breakOf(known.Times))), nil
}

// noteUnanswered remembers that the author wrote while a limit was used up: that is no break.
func (r *runner) noteUnanswered(ctx context.Context, t *trial) error {
	if !r.patient(t) || t.Position != nil {
		return nil
	}
	now := r.engine.Clock.Now()
	known, _, err := r.restlessness(ctx, t, now)
	if err != nil {
		return err
	}
	known.Heard = now
	t.Position = known.position(r.restlessStream(t.Event.PubKey))
	return nil
}

// patient reports whether the patience of the rule may end with the signal's author.
func (r *runner) patient(t *trial) bool {
	return r.rule.Patience.Answers > 0 && r.rule.Patience.Break > 0 && t.Event != nil
}

// breakOf is how long the break must be that ends the nth time that an author is taken for a bot.
func (r *runner) breakOf(n int) time.Duration {
	return engine.Doubled(r.rule.Patience.Break, n-1, max(r.rule.Patience.Break, longestBreak))
}

// restlessness returns what is known of the author by now, and the answers since the last break.
func (r *runner) restlessness(ctx context.Context, t *trial, now time.Time) (known restless, answers int, err error) {
	value, err := r.ledger.Position(ctx, r.restlessStream(t.Event.PubKey))
	if err != nil {
		return restless{}, 0, fmt.Errorf("looking up the patience with %s: %w", t.Event.PubKey, err)
	}
	if value != "" && json.Unmarshal([]byte(value), &known) != nil {
		known = restless{} // Not ours: the author begins anew.
	}
	if known.Heard.After(now) {
		known = restless{} // A clock that was ahead has heard it.
	}
	silent := now.Sub(known.Heard)
	if known.Bot && silent < r.breakOf(known.Times) {
		return known, 0, nil
	}
	known.Bot = false
	if silent >= breaksForget {
		known = restless{}
	}
	span := engine.MarkAge // No more than this is needed to find so many answers without a break.
	if n, pause := r.rule.Patience.Answers, r.rule.Patience.Break; n < int(span/pause) {
		span = pause * time.Duration(n)
	}
	times, err := r.times(ctx, t, r.limitMark("author", t.Event.PubKey), now.Add(-span))
	if err != nil {
		return restless{}, 0, fmt.Errorf("counting answers to %s: %w", t.Event.PubKey, err)
	}
	known.Since = lastBreak(times, known, now, r.rule.Patience.Break)
	return known, len(times) - after(times, known.Since.Add(-1)), nil
}

// lastBreak returns when the author came out of the last break, from the times of the answers and of what is known of
// the notes that got none.
func lastBreak(answers []time.Time, known restless, now time.Time, pause time.Duration) time.Time {
	begin := now
	for _, at := range slices.Backward(answers) {
		if !at.After(known.Heard) {
			break
		}
		if begin.Sub(at) >= pause {
			return begin
		}
		begin = at
	}
	if !known.Heard.IsZero() && begin.Sub(known.Heard) < pause {
		return known.Since
	}
	return begin
}

func (k restless) position(stream string) *engine.Position {
	text, err := json.Marshal(k)
	if err != nil {
		panic(err) // Times, a number and a truth value only.
	}
	return &engine.Position{Stream: stream, Value: string(text), Keep: breaksForget}
}
