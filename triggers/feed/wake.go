package feed

import (
	"context"
	"time"

	"rhea/engine"
)

// wakeEvery is how often a feed that rests asks whether the operator wants it to look now.
const wakeEvery = 10 * time.Second

// sleep waits until the next look is due, or the operator wants one.
func (p *poller) sleep(ctx context.Context, in engine.Intake, l *look, pause time.Duration) error {
	for until := time.Now().Add(pause); ; {
		left := time.Until(until)
		if l.failures == 0 && !l.state.Gone && l.state.NotBefore == 0 {
			if !engine.Wait(ctx, left) { // It does not rest, it is only not due.
				return ctx.Err()
			}
			return nil
		}
		if !engine.Wait(ctx, min(left, wakeEvery)) {
			return ctx.Err()
		}
		if left <= wakeEvery {
			return nil
		}
		if woken, err := p.woken(ctx, in, l); err != nil || woken {
			return err
		}
	}
}

// woken reports whether the operator has said that the rests of the rule shall end, and ends this one's.
func (p *poller) woken(ctx context.Context, in engine.Intake, l *look) (bool, error) {
	word, err := in.Position(ctx, engine.WakeStream(p.setup.Rule))
	if err != nil || word == l.state.Woken {
		return false, err
	}
	l.state.Woken, l.state.NotBefore, l.failures = word, 0, 0
	return true, nil
}
