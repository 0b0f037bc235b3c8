package gate

import (
	"context"
	"time"

	"rhea/engine"
)

// loopPatience is how long an answer waits until a relay says something about the author.
const loopPatience = 15 * time.Second

// loopGate stops bots from answering bots: two of them would go on for ever. It waits for the first relay that knows the
// author's profile or says that it does not. When none answers, the author counts as a person: the limits still hold,
// and a relay that keeps silent must not silence the bot.
func loopGate(r *facts) Gate {
	return check{"loop", func(ctx context.Context, c *Candidate) (Verdict, error) {
		if !r.guardsLoops(c.Event) {
			return skip(), nil
		}
		profile, _, err := r.profiles.Find(ctx, c.Event.PubKey, loopPatience)
		switch {
		case ctx.Err() != nil:
			return Verdict{}, ctx.Err()
		case err != nil:
			return pass("no relay could say whether the author is a bot"), nil
		case profile.Bot:
			return stop(engine.Loop, "the author's profile says that it is a bot"), nil
		}
		return pass(""), nil
	}}
}
