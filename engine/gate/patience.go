package gate

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

// streak is what is known of an author who wrote to a rule and got no answer. It is stored as a position, because
// counters only tell of answers.
type streak struct {
	// Since is when the author last came out of a break, Heard when the author last wrote in vain.
	Since time.Time `json:"since"`
	Heard time.Time `json:"heard"`
	// Bot says that the author is taken for a bot, Times how often that was so.
	Bot   bool `json:"bot,omitempty"`
	Times int  `json:"times,omitempty"`
}

// patience knows who never takes a break.
type patience struct {
	facts   *facts
	answers *answers
}

func (r *patience) streakStream(author string) string {
	return "restless/" + r.facts.rule.Name + "/" + author
}

// patienceGate stops an exchange that has no end because the other side never tires.
func (r *patience) patienceGate() Gate {
	return locked{check{"patience", r.askPatience}, func(c *Candidate) []string {
		if !r.patient(c) {
			return nil
		}
		return []string{"patience/" + r.facts.counter("author", c.Event.PubKey)}
	}}
}

func (r *patience) askPatience(ctx context.Context, c *Candidate) (Verdict, error) {
	if !r.patient(c) {
		return skip(), nil
	}
	now := r.facts.now()
	s, answers, err := r.streak(ctx, c, now)
	if err != nil {
		return Verdict{}, err
	}
	if !s.Bot && answers >= r.facts.rule.Patience.Answers {
		s.Bot, s.Times = true, s.Times+1
	}
	v := pass("")
	if s.Bot {
		s.Heard = now
		v = stop(engine.Loop, fmt.Sprintf("the author got %d answers without a break of %s: taken for a bot until there is one of %s",
			r.facts.rule.Patience.Answers, engine.Duration(r.facts.rule.Patience.Break), engine.Duration(r.breakOf(s.Times))))
		v.Store = s.position(r.streakStream(c.Event.PubKey))
	}
	v.Count = []string{r.facts.counter("author", c.Event.PubKey)}
	return v, nil
}

// unanswered remembers that the author wrote while a limit was used up: that is no break.
func (r *patience) unanswered(ctx context.Context, c *Candidate) (*engine.Position, error) {
	if !r.patient(c) || c.Signal.Position != nil {
		return nil, nil
	}
	now := r.facts.now()
	s, _, err := r.streak(ctx, c, now)
	if err != nil {
		return nil, err
	}
	s.Heard = now
	return s.position(r.streakStream(c.Event.PubKey)), nil
}

// patient reports whether the patience of the rule may end with the signal's author.
func (r *patience) patient(c *Candidate) bool {
	return r.facts.rule.Patience.Answers > 0 && r.facts.rule.Patience.Break > 0 && c.Event != nil
}

// breakOf is how long the break must be that ends the nth time that an author is taken for a bot.
func (r *patience) breakOf(n int) time.Duration {
	return engine.Doubled(r.facts.rule.Patience.Break, n-1, max(r.facts.rule.Patience.Break, longestBreak))
}

// streak returns what is known of the author by now, and the answers since the last break.
func (r *patience) streak(ctx context.Context, c *Candidate, now time.Time) (known streak, answers int, err error) {
	value, err := r.facts.ledger.Position(ctx, r.streakStream(c.Event.PubKey))
	if err != nil {
		return streak{}, 0, fmt.Errorf("looking up the patience with %s: %w", c.Event.PubKey, err)
	}
	if value != "" && json.Unmarshal([]byte(value), &known) != nil {
		known = streak{} // Not ours: the author begins anew.
	}
	if known.Heard.After(now) {
		known = streak{} // A clock that was ahead has heard it.
	}
	silent := now.Sub(known.Heard)
	if known.Bot && silent < r.breakOf(known.Times) {
		return known, 0, nil
	}
	known.Bot = false
	if silent >= breaksForget {
		known = streak{}
	}
	span := engine.CounterAge // No more than this is needed to find so many answers without a break.
	if n, pause := r.facts.rule.Patience.Answers, r.facts.rule.Patience.Break; n < int(span/pause) {
		span = pause * time.Duration(n)
	}
	err = r.answers.within(ctx, r.facts.counter("author", c.Event.PubKey), span, func(w *window) {
		times := w.times[after(w.times, now.Add(-span)):after(w.times, now)]
		known.Since = lastBreak(times, known, now, r.facts.rule.Patience.Break)
		answers = len(times) - after(times, known.Since.Add(-1))
	})
	return known, answers, err
}

// lastBreak returns when the author came out of the last break, from the times of the answers and of what is known of
// the notes that got none.
func lastBreak(answers []time.Time, known streak, now time.Time, pause time.Duration) time.Time {
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

func (s streak) position(stream string) *engine.Position {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // Times, a number and a truth value only.
	}
	return &engine.Position{Stream: stream, Value: string(text), Keep: breaksForget}
}
