package ledger

import (
	"time"

	"rhea/engine"
)

// An allowance doubles after so many answers in a row that took less than promptAnswer.
const (
	promptAnswers = 50
	promptAnswer  = time.Second
)

// allowance is how many deliveries to one relay may be without an answer: as many as the relay has shown that it takes.
// The zero value is one.
type allowance struct {
	// doubled is how often it was doubled, prompt counts the answers in a row since then.
	doubled, prompt int
}

func (a *allowance) most() int { return 1 << a.doubled }

// note notes an answer. more says that another delivery waited for it.
func (a *allowance) note(accepted bool, took time.Duration, more bool) {
	switch {
	case !accepted:
		*a = allowance{}
	case took >= promptAnswer:
		a.prompt = 0
	case more && a.most() < engine.MaxInFlight:
		if a.prompt++; a.prompt == promptAnswers {
			a.doubled, a.prompt = a.doubled+1, 0
		}
	}
}
