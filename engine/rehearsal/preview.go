package rehearsal

import (
	"context"

	"rhea/engine/bot"
)

// Preview lets the triggers of a rule look at what is there now, see [engine.Previewer], and returns what would come of
// at most n signals of each. Every signal finds a new sandbox; one that is made of an event
// is checked as of the time of the event. An error names what could not be looked at; there may be outcomes beside it.
func (s *Sandbox) Preview(ctx context.Context, rule string, n int) ([]Outcome, error) {
	bot, err := s.engine(&recorder{Ledger: s.ledger})
	if err != nil {
		return nil, err
	}
	signals, blind := bot.Preview(ctx, rule, n)
	var outcomes []Outcome
	for _, signal := range signals {
		own := s.options
		if signal.Event != nil {
			own.Start = signal.Event.CreatedAt.Time()
		}
		o, err := New(own).carryOne(ctx, rule, signal)
		if err != nil {
			return nil, err
		}
		outcomes = append(outcomes, o)
	}
	return outcomes, blind
}

func (s *Sandbox) carryOne(ctx context.Context, rule string, signal bot.Sampled) (Outcome, error) {
	w := &recorder{Ledger: s.ledger}
	bot, err := s.engine(w)
	if err != nil {
		return Outcome{}, err
	}
	return s.carry(ctx, bot, w, rule, signal)
}
